/* A digit, one step along the sign of its slopes, the numbers of one pixel, and what LeNet says of each picture. */

import { all, one, tell } from "../../lib/page.js";
import { exactPercent, say } from "../../lib/words.js";
import { compute, refused, waiting } from "../compute.js";
import { EMPTY, levelsOf, painted, SIDE } from "../digits.js";
import { attacked, base64Of, brushed, stepped } from "../maths/pixels.js";
import { shown } from "../parts.js";
import { drawable, placeOn, writable } from "../pen.js";

const LATER = 250; // ms after the last stroke

/* settings: digits (data: addresses of ten PNGs), digit, epsilon, row, column. */
export async function start(root, settings) {
  const pictures = await Promise.all(settings.digits.map(levelsOf));
  const state = { levels: EMPTY, found: null, own: false };
  let asking = new AbortController();
  let drawing = 0;

  const draw = () => drawn(root, state);
  const ask = () => {
    asking.abort();
    asking = new AbortController();
    return asked(root, state, asking.signal).then((known) => {
      draw();
      return known;
    });
  };
  const set = ({ digit, ...change }) => {
    Object.assign(state, change);
    if (digit !== undefined) Object.assign(state, { digit, own: false, levels: pictures[digit], found: null });
    draw();
    return ask();
  };
  const pressed = (event) => {
    const [x, y] = placeOn(event.target, event);
    Object.assign(state, { row: within(Math.floor(y)), column: within(Math.floor(x)) });
    draw();
  };

  for (const chip of all(root, "[data-digit]"))
    chip.addEventListener("click", () => set({ digit: Number(chip.dataset.digit) }));
  one(root, "[data-own]").addEventListener("click", () => {
    asking.abort();
    Object.assign(state, { own: true, digit: null, levels: EMPTY, found: null });
    draw();
    one(root, "[data-frame=picture] canvas").focus({ preventScroll: true });
  });
  drawable(one(root, "[data-frame=picture]"), {
    writes: () => state.own,
    mark: (places) => {
      asking.abort(); // of the drawing as it was
      clearTimeout(drawing);
      const levels = places.reduce((before, place) => brushed(before, ...place), state.levels);
      Object.assign(state, { levels, found: null });
      draw();
    },
    lifted: () => {
      drawing = setTimeout(ask, LATER);
    },
  });
  one(root, "[data-epsilon]").addEventListener("input", ({ target }) => {
    state.epsilon = target.valueAsNumber;
    draw();
  });
  one(root, "[data-epsilon]").addEventListener("change", ask);
  for (const name of ["row", "column"])
    one(root, `[data-${name}]`).addEventListener("input", ({ target }) => {
      state[name] = within(Math.round(target.valueAsNumber || 0));
      draw();
    });
  for (const canvas of all(root, "canvas")) {
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pressed(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons) pressed(event);
    });
  }
  const { digits: _digits, ...first } = settings;
  set(first);
  return { set: (setting) => set({ ...first, ...setting }) };
}

const within = (place) => Math.min(SIDE - 1, Math.max(0, place));

/* Slopes and verdicts, from a worker; an empty picture is nobody's. Whether they are there. */
async function asked(root, state, signal) {
  if (!state.levels.some(Boolean)) return false;
  const seen = { drawing: base64Of(state.levels) };
  const wait = (_soFar, job) => tell(one(root, "[data-wait]"), waiting(job));
  try {
    const found = await compute("pixel", { epsilon: state.epsilon }, wait, signal, seen);
    if (signal.aborted) return false;
    state.found = found;
    tell(one(root, "[data-wait]"), "");
    return true;
  } catch (error) {
    if (!signal.aborted) refused(one(root, "[data-wait]"), error);
    return false;
  }
}

function drawn(root, state) {
  const { levels, found, epsilon, row, column, digit, own } = state;
  const slopes = found?.slopes.flat() ?? EMPTY;
  paint(root, "picture", levels);
  paint(
    root,
    "signs",
    slopes.map((slope) => Math.round(127.5 + 127.5 * Math.sign(slope))),
  );
  paint(root, "attacked", attacked(levels, slopes, epsilon));
  for (const chip of all(root, "[data-digit]"))
    chip.setAttribute("aria-pressed", !own && Number(chip.dataset.digit) === digit);
  one(root, "[data-own]").setAttribute("aria-pressed", own);
  root.toggleAttribute("data-drawing", own);
  writable(one(root, "[data-frame=picture]"), own);
  const slider = one(root, "[data-epsilon]");
  slider.value = epsilon;
  slider.setAttribute("aria-valuetext", `${epsilon}/255`);
  tell(one(root, "[data-is=epsilon]"), `${epsilon}/255`);
  ringed(root, row, column);
  numbers(root, levels[row * SIDE + column], found && slopes[row * SIDE + column], epsilon);
  verdicts(root, found?.epsilon === epsilon ? found : null);
}

function ringed(root, row, column) {
  for (const ring of all(root, "[data-ring]")) {
    ring.setAttribute("x", column);
    ring.setAttribute("y", row);
  }
  for (const [name, place] of Object.entries({ row, column })) {
    const field = one(root, `[data-${name}]`);
    if (field.valueAsNumber !== place) field.value = place;
  }
}

function numbers(root, level, slope, epsilon) {
  const { sign, step, sum, result } = stepped(level, slope ?? 0, epsilon);
  const known = slope !== null && slope !== undefined;
  const told = { level, slope: signed(slope ?? 0), sign: signed(sign), step: signed(step), sum: whole(sum) };
  for (const [name, value] of Object.entries(told))
    tell(one(root, `[data-is=${name}]`), known || name === "level" ? String(value) : "…");
  shown(one(root, "[data-shown=result]"), result, known ? String(result) : "…");
}

function verdicts(root, found) {
  for (const row of all(root, "[data-of]")) {
    const said = found?.said[row.dataset.of];
    tell(one(row, "[data-probability]"), said ? exactPercent(said.probability) : "…");
    tell(one(row, "[data-odds]"), said ? points(said.log_odds) : "…");
    const label = one(row, "[data-label]");
    if ("shown" in label.dataset) shown(label, said?.label ?? "", said ? String(said.label) : "…");
    else tell(label, said ? String(said.label) : "…");
  }
  const { changed, of } = found?.draws ?? {};
  shown(
    one(root, "[data-shown=changed]"),
    changed ?? "",
    found ? say(gettext("%(changed)s of %(of)s"), { changed, of }) : "…",
  );
  for (const name of ["foretold", "clamped"]) tell(one(root, `[data-is=${name}]`), found ? points(found[name]) : "…");
  shown(one(root, "[data-shown=rise]"), found?.rise ?? "", found ? points(found.rise) : "…");
}

const whole = (number) => String(number).replace("-", "−");
const points = (number) => signed(Number(number.toFixed(1)));
const signed = (number) => (number > 0 ? `+${number}` : whole(number));

const paint = (root, name, levels) => painted(one(root, `[data-frame=${name}] canvas`), levels);
