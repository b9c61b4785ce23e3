/* A ball's way down a parabola: the learning rate and the momentum by sliders, every step a point. */

import { all, one, draw as svg, tell } from "../../lib/page.js";
import { say } from "../../lib/words.js";
import { crossings, descend, edge } from "../maths/parabola.js";
import { shown } from "../parts.js";

const BOX = { left: 8, right: 312, top: 8, bottom: 200, widest: 2.6 };
const MOMENTA = [0, 0.5, 0.9, 0.99];

/* settings: {curvature, start, steps, rate, momentum}. */
export function start(root, settings) {
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, state);
  };
  one(root, "[data-rate]").addEventListener("input", ({ target }) => set({ rate: target.valueAsNumber }));
  for (const chip of all(root, "[data-momentum]"))
    chip.addEventListener("click", () => set({ momentum: MOMENTA[Number(chip.dataset.momentum)] }));
  one(root, "[data-curve]").setAttribute("d", path(range().map((x) => [x, height(x, settings)])));
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

function draw(root, state) {
  const places = descend(state.start, state);
  const last = Math.abs(places.at(-1));
  one(root, "[data-rate]").value = state.rate;
  tell(one(root, "[data-is=rate]"), state.rate.toFixed(2));
  for (const chip of all(root, "[data-momentum]"))
    chip.setAttribute("aria-pressed", MOMENTA[Number(chip.dataset.momentum)] === state.momentum);
  const points = places.map((x) => [x, height(x, state)]);
  one(root, "[data-way]").setAttribute("d", path(points));
  one(root, "[data-steps]").replaceChildren(
    ...points.map(([x, y], i) => svg("circle", { cx: across(x), cy: up(y), r: i === points.length - 1 ? 5 : 2.5 })),
  );
  const told = last < 1e-4 ? "<\u202f0.0001" : String(Number(last.toPrecision(3)));
  one(root, "[data-rate]").setAttribute(
    "aria-valuetext",
    say(gettext("%(rate)s, at the end %(distance)s from the bottom"), { rate: state.rate.toFixed(2), distance: told }),
  );
  shown(one(root, "[data-shown=distance]"), last, told);
  shown(one(root, "[data-shown=crossings]"), crossings(places), String(crossings(places)));
  const most = edge(state.curvature, state.momentum);
  shown(one(root, "[data-shown=edge]"), most, String(Number(most.toPrecision(3))));
}

const height = (x, { curvature }) => (curvature * x * x) / 2;
const range = () => Array.from({ length: 81 }, (_, i) => ((i - 40) / 40) * BOX.widest);

/* Far outside is far outside: a coordinate beyond all bounds is no number to some browsers. */
const within = (number) => Math.max(-1e4, Math.min(1e4, number));
const across = (x) => within(BOX.left + ((x + BOX.widest) / (2 * BOX.widest)) * (BOX.right - BOX.left)).toFixed(1);
const up = (y) => within(BOX.bottom - (y / 14) * (BOX.bottom - BOX.top)).toFixed(1);
const path = (points) => `M${points.map(([x, y]) => `${across(x)} ${up(y)}`).join("L")}`;
