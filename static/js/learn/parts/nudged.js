/* Five real weights of LeNet nudged by h: how far each quotient is from backpropagation's slope. */

import { all, make, one, draw as svg, tell } from "../../lib/page.js";
import { compute, needed } from "../compute.js";
import { shown } from "../parts.js";
import { decimal } from "./scores.js";
import { small } from "./slope-curve.js";

const BOX = { left: 48, right: 508, top: 10, bottom: 250, powersOfH: [-8, -1], powersOfError: [-11, 1] };

export function start(root, settings) {
  let state = { ...settings };
  const found = needed(one(root, "[data-state]"), async (onPartial) => {
    const { weights } = await compute("nudged", {}, onPartial);
    const choices = one(root, "[data-weight]");
    choices.replaceChildren(...weights.map((weight, index) => choice(weight, index, choices.dataset[weight.layer])));
    axes(root);
    for (const control of all(root, "select, input")) control.disabled = false;
    return weights;
  });
  const set = async (change) => {
    const chosen = { ...state, ...change };
    state = chosen;
    const weights = await found();
    if (!weights || state !== chosen) return false; // another choice has been made meanwhile
    draw(root, weights, chosen);
    return true;
  };
  one(root, "[data-weight]").addEventListener("change", ({ target }) => set({ weight: Number(target.value) }));
  one(root, "[data-step]").addEventListener("input", ({ target }) => set({ step: -target.valueAsNumber }));
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

const choice = ({ place, value }, index, name) =>
  make("option", { value: index }, `${name} [${place.join(", ")}] = ${decimal(value, 4)}`);

function draw(root, weights, { weight, step }) {
  const { slope, quotients } = weights[weight];
  one(root, "[data-weight]").value = weight;
  tell(one(root, "[data-slope]"), decimal(slope, 6));
  const h = quotients[0].h[step];
  one(root, "[data-step]").value = -step;
  one(root, "[data-step]").setAttribute("aria-valuetext", small(h));
  tell(one(root, "[data-is=step]"), small(h));
  one(root, "[data-guide]").setAttribute("d", `M${across(h)} ${BOX.top}V${BOX.bottom}`);
  for (const each of quotients) row(root, each, step);
}

/* Its line in the chart, its row in the table. */
function row(root, { way, dtype, h, slopes, errors }, step) {
  const name = `${way}-${dtype}`;
  const points = h.map((one, place) => `${across(one).toFixed(1)} ${up(errors[place]).toFixed(1)}`);
  one(root, `[data-line=${name}]`).setAttribute("d", `M${points.join("L")}`);
  const cells = one(root, `[data-row=${name}]`);
  tell(one(cells, "[data-quotient]"), decimal(slopes[step], 6));
  shown(one(cells, "[data-shown]"), errors[step], small(errors[step]));
}

const between = (value, [low, high], from, to) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
const across = (h) => between(h, BOX.powersOfH, BOX.left, BOX.right);
const up = (error) => between(Math.max(error, 1e-11), BOX.powersOfError, BOX.bottom, BOX.top);

function axes(root) {
  one(root, "[data-ticks]").replaceChildren(
    ...[-8, -6, -4, -2].map((power) => tick(across(10 ** power), 268, "middle", power)),
    ...[-10, -8, -6, -4, -2, 0].map((power) => tick(44, up(10 ** power) + 4, "end", power)),
  );
}

const tick = (x, y, anchor, power) =>
  svg(
    "text",
    { x, y, "text-anchor": anchor },
    "10",
    svg("tspan", { dy: -5, "font-size": "77%" }, String(power).replace("-", "−")),
  );
