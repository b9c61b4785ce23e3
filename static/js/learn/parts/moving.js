/* A digit that is dragged, turned, scaled, mirrored: what becomes of its pixels, and of their values when normalised. */

import { all, draw, one, tell } from "../../lib/page.js";
import { percents, say } from "../../lib/words.js";
import { levelsOf, painted, SIDE } from "../digits.js";
import { apart, histogram, measured, moved, normalised } from "../maths/moving.js";
import { shown } from "../parts.js";

const STILL = { right: 0, down: 0, angle: 0, scale: 0, mirror: false };
const FARTHEST = 8; // pixels, of the sliders
const BINS = 32;
const HIGHEST = 12; // units of a histogram's drawing
const TOLD = {
  right: (value) => signed(value),
  down: (value) => signed(value),
  angle: (value) => `${signed(value)}°`,
  scale: (value) => percents(signed(value)),
};

/* settings: digits (data: addresses of ten PNGs), digit, way, ways: {slug: {mean, deviation}}, and what of STILL is not. */
export async function start(root, { digits, ways, ...first }) {
  const pictures = await Promise.all(digits.map(levelsOf));
  const state = { ...STILL, ...first };
  const set = (change) => {
    Object.assign(state, change);
    drawn(root, pictures, ways, state);
  };

  for (const chip of all(root, "[data-digit]"))
    chip.addEventListener("click", () => set({ digit: Number(chip.dataset.digit) }));
  for (const chip of all(root, "[data-way]")) chip.addEventListener("click", () => set({ way: chip.dataset.way }));
  for (const slider of all(root, "[data-change]"))
    slider.addEventListener("input", () => set({ [slider.dataset.change]: slider.valueAsNumber }));
  one(root, "[data-mirror]").addEventListener("click", () => set({ mirror: !state.mirror }));
  one(root, "[data-reset]").addEventListener("click", () => set(STILL));
  dragging(one(root, "[data-picture=after]"), state, set);

  for (const chart of all(root, "[data-histogram]"))
    for (let x = 0; x < BINS; x += 1) chart.append(draw("rect", { x: x + 0.06, width: 0.88, y: 0, height: 0 }));
  set({});
  return { set: (setting) => set({ ...STILL, ...first, ...setting }) };
}

/* By whole pixels, as a training shifts: nothing blurs. */
function dragging(canvas, state, set) {
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    from = { x: event.clientX, y: event.clientY, right: state.right, down: state.down };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return;
    const cell = canvas.getBoundingClientRect().width / SIDE;
    const along = (before, now, then) => within(before + Math.round((now - then) / cell));
    set({ right: along(from.right, event.clientX, from.x), down: along(from.down, event.clientY, from.y) });
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, () => {
      from = null;
    });
}

const within = (pixels) => Math.min(FARTHEST, Math.max(-FARTHEST, pixels));

function drawn(root, pictures, ways, { digit, way, ...change }) {
  const before = pictures[digit];
  const after = moved(before, change);
  painted(one(root, "[data-picture=before]"), before);
  painted(one(root, "[data-picture=after]"), after);
  for (const chip of all(root, "[data-digit]")) chip.setAttribute("aria-pressed", Number(chip.dataset.digit) === digit);
  for (const chip of all(root, "[data-way]")) chip.setAttribute("aria-pressed", chip.dataset.way === way);
  one(root, "[data-mirror]").setAttribute("aria-pressed", change.mirror);
  for (const slider of all(root, "[data-change]")) {
    const { change: name } = slider.dataset;
    const told = TOLD[name](change[name]);
    slider.value = change[name];
    slider.setAttribute("aria-valuetext", told);
    tell(one(slider.parentElement, "b"), told);
  }
  distances(root, pictures, digit, after);
  values(root, "before", after, { low: 0, high: 255 });
  const ends = normalised([0, 255], ways[way]);
  values(root, "after", normalised(after, ways[way]), { low: ends[0], high: ends[1] });
}

/* How far the digit lies from what it was, and which of the other nine lies nearest to what it is. */
function distances(root, pictures, digit, after) {
  const changed = after.filter((level, place) => level !== pictures[digit][place]).length;
  shown(
    one(root, "[data-shown=changed]"),
    changed,
    say(gettext("%(pixels)s of %(of)s"), { pixels: changed, of: after.length }),
  );
  const away = pictures.map((levels) => apart(levels, after));
  const nearest = away.reduce(
    (best, far, other) => (other !== digit && (best === null || far < away[best]) ? other : best),
    null,
  );
  shown(one(root, "[data-shown=apart]"), away[digit], away[digit].toFixed(1));
  const told = say(gettext("the %(digit)s: %(far)s"), { digit: nearest, far: away[nearest].toFixed(1) });
  shown(one(root, "[data-shown=nearest]"), away[nearest], told);
}

/* A histogram over the range that all levels have, its ends, and the row of the table. */
function values(root, name, found, { low, high }) {
  const chart = one(root, `[data-histogram=${name}]`);
  const most = Math.log1p(found.length);
  for (const [place, count] of histogram(found, BINS, low, high).entries()) {
    const height = (HIGHEST * Math.log1p(count)) / most;
    const bar = chart.children[place];
    bar.setAttribute("y", HIGHEST - height);
    bar.setAttribute("height", height);
  }
  for (const [end, value] of Object.entries({ low, high }))
    tell(one(chart.parentElement, `[data-end=${end}]`), figure(value));
  const row = one(root, `[data-values=${name}]`);
  for (const [what, value] of Object.entries(measured(found))) {
    const cell = one(row, `[data-is=${what}], [data-shown=${what}]`);
    if ("shown" in cell.dataset) shown(cell, value, figure(value));
    else tell(cell, figure(value));
  }
}

/* Whole where it is whole, else with a decimal, or two where it is small. */
const figure = (value) =>
  (Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1)).replace("-", "−");
const signed = (value) => (value > 0 ? `+${value}` : String(value).replace("-", "−"));
