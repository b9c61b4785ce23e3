/* A point on a curve, its tangent, and the line through it and a nudged one. */

import { all, one, draw as svg, tell } from "../../lib/page.js";
import { say } from "../../lib/words.js";
import { curve, curveSlope, nudged } from "../maths/slopes.js";
import { shown } from "../parts.js";
import { decimal } from "./scores.js";

const BOX = { left: 34, right: 506, top: 8, bottom: 244, from: -2.6, to: 2.6, least: -0.2, most: 2.8 };

export function start(root, settings) {
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, state);
  };
  one(root, "[data-w]").addEventListener("input", ({ target }) => set({ w: target.valueAsNumber }));
  one(root, "[data-h]").addEventListener("input", ({ target }) =>
    set({ h: Number((10 ** target.valueAsNumber).toPrecision(2)) }),
  );
  one(root, "[data-both]").addEventListener("change", ({ target }) => set({ both: target.checked }));
  axes(root);
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

const across = (w) => BOX.left + ((w - BOX.from) / (BOX.to - BOX.from)) * (BOX.right - BOX.left);
const up = (value) => BOX.bottom - ((value - BOX.least) / (BOX.most - BOX.least)) * (BOX.bottom - BOX.top);

function draw(root, { w, h, both }) {
  const slope = curveSlope(w);
  const guess = nudged(curve, w, h, both);
  line(one(root, "[data-tangent]"), w, slope);
  line(one(root, "[data-secant]"), w, guess, both ? (curve(w + h) + curve(w - h)) / 2 : curve(w));
  place(one(root, "[data-dot]"), w);
  const [right, left] = all(root, "[data-nudge]");
  place(right, w + h);
  place(left, both ? w - h : w);
  dials(root, { w, h, both, slope });
  shown(one(root, "[data-shown=value]"), curve(w), decimal(curve(w), 3));
  shown(one(root, "[data-shown=slope]"), slope, decimal(slope, 4));
  shown(one(root, "[data-shown=nudged]"), guess, decimal(guess, 4));
  shown(one(root, "[data-shown=off]"), Math.abs(guess - slope), small(Math.abs(guess - slope)));
}

function dials(root, { w, h, both, slope }) {
  const slider = one(root, "[data-w]");
  slider.value = w;
  slider.setAttribute(
    "aria-valuetext",
    say(gettext("%(place)s, slope %(slope)s"), { place: decimal(w, 2), slope: decimal(slope, 2) }),
  );
  tell(one(root, "[data-is=w]"), decimal(w, 2));
  one(root, "[data-h]").value = Math.log10(h);
  one(root, "[data-h]").setAttribute("aria-valuetext", String(h));
  tell(one(root, "[data-is=h]"), String(h));
  one(root, "[data-both]").checked = both;
}

/* A straight line of that slope through (w, height), over the whole box. */
function line(path, w, slope, height = curve(w)) {
  const at = (x) => `${across(x)} ${up(height + slope * (x - w)).toFixed(2)}`;
  path.setAttribute("d", `M${at(BOX.from)}L${at(BOX.to)}`);
}

function place(dot, w) {
  dot.setAttribute("cx", across(w).toFixed(2));
  dot.setAttribute("cy", up(curve(w)).toFixed(2));
}

function axes(root) {
  const places = Array.from({ length: 131 }, (_, i) => BOX.from + ((BOX.to - BOX.from) * i) / 130);
  one(root, "[data-curve]").setAttribute(
    "d",
    `M${places.map((w) => `${across(w).toFixed(1)} ${up(curve(w)).toFixed(1)}`).join("L")}`,
  );
  one(root, "[data-ticks]").replaceChildren(
    ...[-2, -1, 0, 1, 2].map((w) => svg("text", { x: across(w), y: 260, "text-anchor": "middle" }, decimal(w, 0))),
    ...[0, 1, 2].map((value) => svg("text", { x: 26, y: up(value) + 4, "text-anchor": "end" }, String(value))),
  );
}

/* Two figures that count, in the same way however small it is. */
export function small(number) {
  if (number === 0) return "0";
  return number >= 0.001 ? String(Number(number.toPrecision(2))) : number.toExponential(1).replace("e-", " · 10^−");
}
