/* A line is laid through points by descent: all of them at once and small batches, from one start, on one map. */

import { all, one, draw as svg, tell } from "../../lib/page.js";
import { integer, say } from "../../lib/words.js";
import { angle, batches, contour, descend, gradient, loss, lowest, points } from "../maths/descent.js";
import { shown } from "../parts.js";
import { decimal } from "./scores.js";

const CLOUD = { count: 48, tilt: 0.8, height: 0.3, noise: 0.5, seed: 7 };
const RATE = 0.25;
const MAP = { width: 520, height: 310, unit: 86, mostTilt: 2.8, mostHeight: 1.6 };
const PICTURE = { width: 300, height: 310, across: 130, up: 60 };
const HIGHER = [0.02, 0.1, 0.3, 0.7, 1.3, 2.2];
const ARROW = 0.9; // of a slope, in the map's unit: longer than the step, so that it can be seen
const SHORTEST = 12; // on the map: a shorter arrow would be a head without a way
const OTHERS = 48; // batches that might have been drawn

/* settings: {tilt, height: where it starts; size: of a batch; steps: of the batches; fair: "steps" or "points"; seed}. */
export function start(root, settings) {
  const cloud = points(CLOUD);
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, cloud, state);
  };
  for (const dial of all(root, "[data-dial]"))
    dial.addEventListener("input", () => set({ [dial.dataset.dial]: dial.valueAsNumber }));
  for (const chip of all(root, "[data-size]"))
    chip.addEventListener("click", () => set({ size: Number(chip.dataset.size) }));
  for (const chip of all(root, "[data-fair]")) chip.addEventListener("click", () => set({ fair: chip.dataset.fair }));
  one(root, "[data-again]").addEventListener("click", () => set({ seed: state.seed + 1 }));
  const map = one(root, "[data-map]");
  for (const kind of ["pointerdown", "pointermove"])
    map.addEventListener(kind, (event) => event.buttons && set(placeOf(map, event)));
  ground(root, cloud);
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

const across = (tilt) => MAP.width / 2 + tilt * MAP.unit;
const down = (height) => MAP.height / 2 - height * MAP.unit;
const at = ([tilt, height]) => `${across(tilt).toFixed(1)} ${down(height).toFixed(1)}`;
const dot = ([tilt, height], r) => svg("circle", { cx: across(tilt).toFixed(1), cy: down(height).toFixed(1), r });
const inPicture = (x, y) => [PICTURE.width / 2 + x * PICTURE.across, PICTURE.height / 2 - y * PICTURE.up];

/* Where was pressed, in the sliders' steps and within their ends. */
function placeOf(map, { clientX, clientY }) {
  const seen = map.getBoundingClientRect();
  const scale = MAP.width / seen.width / MAP.unit;
  return {
    tilt: within((clientX - seen.left - seen.width / 2) * scale, MAP.mostTilt),
    height: within(-(clientY - seen.top - seen.height / 2) * scale, MAP.mostHeight),
  };
}

const within = (value, most) => Number(Math.max(-most, Math.min(most, value)).toFixed(1));

/* Both ways: where each has been, and what each has looked at. */
function waysOf(cloud, { tilt, height, size, steps, fair, seed }) {
  const drawn = batches(cloud, { size, steps: steps + 1, seed });
  const next = drawn.pop();
  const whole = fair === "points" ? Math.floor((steps * size) / cloud.length) : steps;
  const way = (looked) => ({ places: descend([tilt, height], RATE, looked), looked: looked.flat().length });
  return { all: way(Array.from({ length: whole }, () => cloud)), batch: way(drawn), next, last: drawn.at(-1) ?? [] };
}

function draw(root, cloud, state) {
  const ways = waysOf(cloud, state);
  const least = loss(lowest(cloud), cloud);
  for (const name of ["all", "batch"]) {
    const { places, looked } = ways[name];
    const here = places.at(-1);
    one(root, `[data-way=${name}]`).setAttribute("d", `M${places.map(at).join("L")}`);
    move(one(root, `[data-dot=${name}]`), here);
    const ends = [-1, 1].map((x) => inPicture(x * 1.1, here[1] + here[0] * x * 1.1).map((value) => value.toFixed(1)));
    one(root, `[data-line=${name}]`).setAttribute("d", `M${ends.map((end) => end.join(" ")).join("L")}`);
    shown(one(root, `[data-shown=steps-${name}]`), places.length - 1, integer(places.length - 1));
    shown(one(root, `[data-shown=looked-${name}]`), looked, integer(looked));
    const above = loss(here, cloud) - least;
    shown(one(root, `[data-shown=above-${name}]`), above, above < 0.00005 ? "<\u202f0.0001" : decimal(above, 4));
  }
  move(one(root, "[data-start]"), ways.batch.places[0]);
  slopes(root, cloud, ways, state);
  for (const [place, node] of all(root, "[data-points] circle").entries())
    node.classList.toggle("looked", ways.last.includes(cloud[place]));
  controls(root, ways, state);
}

const move = (node, [tilt, height]) => {
  node.setAttribute("cx", across(tilt).toFixed(1));
  node.setAttribute("cy", down(height).toFixed(1));
};

/* The exact slope where the batches have come to, what the next batch says of it, and what others would say. */
function slopes(root, cloud, { batch, next }, { size, seed }) {
  const here = batch.places.at(-1);
  const [exact, estimate] = [gradient(here, cloud), gradient(here, next)];
  const end = (slope) => here.map((weight, i) => weight - ARROW * slope[i]);
  for (const [name, slope] of Object.entries({ exact, estimate })) {
    const seen = Math.hypot(...slope) * ARROW * MAP.unit > SHORTEST;
    one(root, `[data-arrow=${name}]`).setAttribute("d", seen ? `M${at(here)}L${at(end(slope))}` : "");
  }
  const others = batches(cloud, { size, steps: OTHERS, seed: seed + 1000 });
  one(root, "[data-others]").replaceChildren(...others.map((other) => dot(end(gradient(here, other)), 2.5)));
  tell(one(root, "[data-exact]"), pair(exact));
  tell(one(root, "[data-estimate]"), pair(estimate));
  const between = angle(exact, estimate);
  shown(one(root, "[data-shown=angle]"), between, `${decimal(between, 0)}°`);
}

const pair = ([tilt, height]) =>
  say(gettext("%(tilt)s; %(height)s"), { tilt: decimal(tilt, 2), height: decimal(height, 2) });

function controls(root, { batch }, state) {
  const told = { steps: integer(state.steps), tilt: decimal(state.tilt), height: decimal(state.height) };
  for (const [name, text] of Object.entries(told)) {
    const dial = one(root, `[data-dial=${name}]`);
    dial.value = state[name];
    tell(one(root, `[data-is=${name}]`), text);
    dial.setAttribute("aria-valuetext", text);
  }
  one(root, "[data-dial=steps]").setAttribute(
    "aria-valuetext",
    say(gettext("%(steps)s steps, %(points)s points looked at"), { steps: state.steps, points: batch.looked }),
  );
  tell(one(root, "[data-is=size]"), String(state.size));
  for (const chip of all(root, "[data-size]"))
    chip.setAttribute("aria-pressed", Number(chip.dataset.size) === state.size);
  for (const chip of all(root, "[data-fair]")) chip.setAttribute("aria-pressed", chip.dataset.fair === state.fair);
}

/* What never moves: lines of equal loss, and the points. */
function ground(root, cloud) {
  one(root, "[data-contours]").replaceChildren(
    ...HIGHER.map((higher) => svg("path", { d: `M${contour(cloud, higher).map(at).join("L")}Z` })),
    dot(lowest(cloud), 2),
  );
  one(root, "[data-points]").replaceChildren(
    ...cloud.map(({ x, y }) => {
      const [cx, cy] = inPicture(x, y);
      return svg("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: 3.5 });
    }),
  );
}
