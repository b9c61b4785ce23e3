/* A point in a long valley seen from above: the steepest way down, and the way to the lowest place. */

import { one, draw as svg, tell } from "../../lib/page.js";
import { say } from "../../lib/words.js";
import { astray, STEEPER, valley, valleyGradient } from "../maths/slopes.js";
import { shown } from "../parts.js";
import { decimal } from "./scores.js";

const BOX = { width: 520, height: 260, unit: 60 };
const LEVELS = [0.5, 2, 4.5, 8, 12.5, 18];
const ARROW = 70; // its length in the picture: only where it points is read

export function start(root, settings) {
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, state);
  };
  for (const name of ["x", "y"])
    one(root, `[data-axis=${name}]`).addEventListener("input", ({ target }) => set({ [name]: target.valueAsNumber }));
  for (const kind of ["pointerdown", "pointermove"])
    one(root, "svg").addEventListener(kind, (event) => event.buttons && set(placeOf(root, event)));
  contours(root);
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

const across = (x) => BOX.width / 2 + x * BOX.unit;
const down = (y) => BOX.height / 2 - y * BOX.unit;

/* Where in the valley was pressed, in the sliders' steps and within their ends. */
function placeOf(root, { clientX, clientY }) {
  const seen = one(root, "svg").getBoundingClientRect();
  const scale = BOX.width / seen.width / BOX.unit;
  const x = (clientX - seen.left - seen.width / 2) * scale;
  const y = -(clientY - seen.top - seen.height / 2) * scale;
  return { x: within(x, 4), y: within(y, 2) };
}

const within = (value, most) => Number(Math.max(-most, Math.min(most, value)).toFixed(1));

function draw(root, { x, y }) {
  const [slopeX, slopeY] = valleyGradient(x, y);
  const length = Math.hypot(slopeX, slopeY);
  const away = length ? astray(x, y) : 0;
  const [left, top] = [across(x), down(y)];
  one(root, "[data-dot]").setAttribute("cx", left);
  one(root, "[data-dot]").setAttribute("cy", top);
  one(root, "[data-home]").setAttribute("d", `M${left} ${top}L${across(0)} ${down(0)}`);
  const way = [-slopeX, slopeY].map((slope) => ((slope / length) * ARROW).toFixed(1));
  one(root, "[data-arrow]").setAttribute("d", length ? `M${left} ${top}l${way.join(" ")}` : ""); // no head without a way
  for (const [name, value] of Object.entries({ x, y })) {
    const slider = one(root, `[data-axis=${name}]`);
    slider.value = value;
    slider.setAttribute("aria-valuetext", said(value, name === "x" ? slopeX : slopeY));
    tell(one(root, `[data-is=${name}]`), decimal(value, 1));
  }
  shown(one(root, "[data-shown=height]"), valley(x, y), decimal(valley(x, y), 2));
  shown(one(root, "[data-shown=along]"), slopeX, decimal(slopeX, 1));
  shown(one(root, "[data-shown=across]"), slopeY, decimal(slopeY, 1));
  shown(one(root, "[data-shown=astray]"), away, `${decimal(away, 1)}°`);
}

const said = (value, slope) =>
  say(gettext("%(place)s, slope %(slope)s"), { place: decimal(value, 1), slope: decimal(slope, 1) });

function contours(root) {
  one(root, "[data-contours]").replaceChildren(
    ...LEVELS.map((level) =>
      svg("ellipse", {
        cx: across(0),
        cy: down(0),
        rx: Math.sqrt(2 * level) * BOX.unit,
        ry: Math.sqrt((2 * level) / STEEPER) * BOX.unit,
      }),
    ),
  );
}
