/* A polynomial through points round a parabola: what it misses of the points it was fitted to, and of others. */

import { all, make, one, draw as svg, tell } from "../../lib/page.js";
import { saidOf, say } from "../../lib/words.js";
import { error, fit, parabola, points, value } from "../maths/fitting.js";
import { shown } from "../parts.js";

const DEGREES = Array.from({ length: 13 }, (_, degree) => degree);
const KEPT = { count: 100, seed: 1000 }; // points kept aside: so many, of a seed so much further on
const BOX = { left: 48, right: 292, top: 12, bottom: 250, least: 0.01, most: 100 };
const ACROSS = Array.from({ length: 421 }, (_, i) => -1.05 + i / 200);
const OUTSIDE = 9; // where a curve that leaves the picture is held

export function start(root, settings) {
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, state);
  };
  for (const dial of all(root, "[data-dial]"))
    dial.addEventListener("input", () => set({ [dial.dataset.dial]: dial.valueAsNumber }));
  one(root, "[data-draw]").addEventListener("click", () => set({ seed: state.seed + 1 }));
  one(root, "[data-truth]").setAttribute("d", path(ACROSS.map((x) => [x, -parabola(x)])));
  axes(root);
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

function draw(root, state) {
  const { degree, count, noise, seed } = state;
  const learnt = points(count, noise, seed);
  const kept = points(KEPT.count, noise, seed + KEPT.seed);
  const fitted = DEGREES.map((each) => fit(learnt.xs, learnt.ys, each));
  const errors = {
    training: fitted.map((one) => error(one, learnt.xs, learnt.ys)),
    validation: fitted.map((one) => error(one, kept.xs, kept.ys)),
  };
  const floor = Math.sqrt(kept.ys.reduce((sum, y, i) => sum + (y - parabola(kept.xs[i])) ** 2, 0) / KEPT.count);
  one(root, "[data-curve]").setAttribute("d", path(ACROSS.map((x) => [x, -value(fitted[degree], x)])));
  scatter(one(root, "[data-points]"), learnt);
  scatter(one(root, "[data-kept]"), kept);
  const told = { training: errors.training[degree], validation: errors.validation[degree], floor };
  for (const [name, number] of Object.entries(told)) shown(one(root, `[data-shown=${name}]`), number, words(number));
  dials(root, state, told);
  lines(root, errors, degree);
  table(one(root, "[data-table]"), errors);
}

function dials(root, state, told) {
  const errors = say(gettext("training error %(training)s, validation error %(validation)s"), {
    training: words(told.training),
    validation: words(told.validation),
  });
  for (const dial of all(root, "[data-dial]")) {
    const number = state[dial.dataset.dial];
    const text = dial.dataset.dial === "noise" ? number.toFixed(2) : String(number);
    if (dial.valueAsNumber !== number) dial.value = number;
    dial.setAttribute("aria-valuetext", saidOf(text, errors));
    tell(one(root, `[data-is=${dial.dataset.dial}]`), text);
  }
}

/* As many dots as points, moved and not made anew: each is a line of no length, round whatever the picture's stretch. */
function scatter(group, { xs, ys }) {
  while (group.childElementCount > xs.length) group.lastElementChild.remove();
  while (group.childElementCount < xs.length) group.append(svg("path"));
  for (const [i, dot] of [...group.children].entries()) dot.setAttribute("d", `M${xs[i]} ${-ys[i]}h0`);
}

const path = (pairs) =>
  `M${pairs.map(([x, y]) => `${x.toFixed(3)} ${Math.max(-OUTSIDE, Math.min(OUTSIDE, y)).toFixed(4)}`).join("L")}`;

const across = (degree) => BOX.left + 10 + (degree / DEGREES.at(-1)) * (BOX.right - BOX.left - 20);

/* Each power of ten as high as the other; what is nearly nothing lies on the axis, what is beyond the box on its edge. */
function up(number) {
  const share = Math.log(number / BOX.least) / Math.log(BOX.most / BOX.least);
  return BOX.bottom - Math.max(0, Math.min(1, share)) * (BOX.bottom - BOX.top);
}

function lines(root, errors, degree) {
  one(root, "[data-here]").setAttribute("d", `M${across(degree)} ${BOX.top}V${BOX.bottom}`);
  for (const [name, numbers] of Object.entries(errors)) {
    const places = numbers.map((number, each) => `${across(each).toFixed(1)} ${up(number).toFixed(1)}`);
    one(root, `[data-line=${name}]`).setAttribute("d", `M${places.join("L")}`);
  }
  one(root, "[data-dots]").replaceChildren(
    ...Object.entries(errors).map(([name, numbers]) =>
      svg("circle", { class: name, cx: across(degree), cy: up(numbers[degree]), r: 5 }),
    ),
  );
}

function axes(root) {
  const ticks = [0, 3, 6, 9, 12].map((each) =>
    svg("text", { x: across(each), y: 268, "text-anchor": "middle" }, String(each)),
  );
  const heights = [0.01, 0.1, 1, 10, 100].map((number) =>
    svg("text", { x: 42, y: up(number) + 4, "text-anchor": "end" }, String(number)),
  );
  one(root, "[data-ticks]").replaceChildren(...ticks, ...heights);
}

function table(body, errors) {
  if (!body.childElementCount)
    body.append(
      ...DEGREES.map((each) => make("tr", {}, make("th", { scope: "row" }, String(each)), make("td"), make("td"))),
    );
  for (const [each, row] of [...body.rows].entries()) {
    tell(row.cells[1], words(errors.training[each]));
    tell(row.cells[2], words(errors.validation[each]));
  }
}

/* Three decimals, fewer where they would say nothing. */
function words(number) {
  return number < 10
    ? number.toFixed(3)
    : number < 10_000
      ? number.toFixed(number < 100 ? 1 : 0)
      : number.toExponential(1);
}
