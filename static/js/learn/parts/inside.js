/* Inside LeNet: every layer's maps for a digit, drawn or attacked; one unit's sum, and the pixels that it sees. */

import { all, one, tell } from "../../lib/page.js";
import { exactPercent, integer, percent, percents, say } from "../../lib/words.js";
import { compute, refused, waiting } from "../compute.js";
import { EMPTY, levelsOf, painted } from "../digits.js";
import { arranged, cornerOf, laidOut, unitAt } from "../maths/maps.js";
import { base64Of, brushed, bytesOf, unpacked } from "../maths/pixels.js";
import { shown } from "../parts.js";
import { drawable, placeOn, writable } from "../pen.js";

const LAYOUTS = {
  "convolution-1": laidOut([6, 28, 28], 6),
  "pooling-1": laidOut([6, 14, 14], 6),
  "convolution-2": laidOut([16, 10, 10], 8),
  "pooling-2": laidOut([16, 5, 5], 8),
  flatten: laidOut([400], 50),
  "connected-1": laidOut([120], 40),
  "connected-2": laidOut([84], 42),
  "connected-3": laidOut([10], 10),
};
const PLACES = ["picture", ...Object.keys(LAYOUTS), "answer"];
const NOWHERE = -1; // where no layer is fooled for good
const RESTS = 400; // ms after a stroke without another one: only then the chosen unit is asked for, which is a job, too
const UNIT = ["channel", "row", "column"];

/* settings: digits (ten PNGs as data: addresses), digit, epsilon, layer, channel, row, column. */
export async function start(root, settings) {
  const pictures = await Promise.all(settings.digits.map(levelsOf));
  const state = { levels: EMPTY, found: null, unit: null, own: false };
  const controls = one(root, "[data-controls]");
  let [asking, choosing] = [new AbortController(), new AbortController()];

  /* What workers say, unless something else was asked for meanwhile. Whether it stands there now. */
  const asked = async (name, work, own) => {
    const { signal } = own;
    const wait = (_soFar, job) => tell(one(root, "[data-wait]"), waiting(job));
    try {
      state[name] = await work(signal, wait);
      tell(one(root, "[data-wait]"), "");
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      own.abort(); // what else was asked for with it
      refused(one(root, "[data-wait]"), error);
      Object.assign(state, { [name]: null, unit: null }); // what was found of something else
      return false;
    } finally {
      controls.disabled = false;
      drawn(root, state);
    }
  };
  const askUnit = () => {
    choosing.abort();
    choosing = new AbortController();
    const { layer, found } = state;
    if (!found) return false;
    const options = { layer, ...Object.fromEntries(UNIT.map((name) => [name, state[name]])) };
    const seen = { drawing: base64Of(found.levels) };
    return asked("unit", (signal, wait) => compute("unit", options, wait, signal, seen), choosing);
  };
  const ask = async (pause = 0) => {
    asking.abort();
    choosing.abort(); // its picture is another's
    asking = new AbortController();
    const mine = asking;
    if (!state.levels.some(Boolean)) return false;
    if (!(await asked("found", (signal, wait) => lookedInto(state, signal, wait), mine))) return false;
    if (pause) await new Promise((done) => setTimeout(done, pause));
    return !mine.signal.aborted && askUnit();
  };
  const choose = (change) => {
    Object.assign(state, within({ ...state, ...change }), { unit: null });
    drawn(root, state);
    return askUnit();
  };
  const set = ({ digit, ...change }) => {
    Object.assign(state, within({ ...state, ...change }));
    if (digit !== undefined) Object.assign(state, { digit, own: false, levels: pictures[digit] });
    drawn(root, state);
    return ask();
  };

  for (const chip of all(root, "[data-digit]"))
    chip.addEventListener("click", () => set({ digit: Number(chip.dataset.digit) }));
  one(root, "[data-own]").addEventListener("click", () => {
    asking.abort();
    choosing.abort();
    Object.assign(state, { own: true, digit: null, levels: EMPTY, found: null, unit: null });
    drawn(root, state);
    one(root, "[data-frame=picture] canvas").focus({ preventScroll: true });
  });
  const slider = one(root, "[data-epsilon]");
  slider.addEventListener("input", () => strength(root, slider.valueAsNumber));
  slider.addEventListener("change", () => set({ epsilon: slider.valueAsNumber }));
  one(root, "[data-choice]").addEventListener("change", ({ target }) => choose({ layer: target.value }));
  for (const name of UNIT)
    one(root, `[data-${name}]`).addEventListener("change", ({ target }) => choose({ [name]: target.valueAsNumber }));
  for (const node of all(root, "[data-layer] canvas"))
    node.addEventListener("click", (event) => {
      const layer = node.closest("[data-layer]").dataset.layer;
      const unit = unitAt(LAYOUTS[layer], ...placeOn(node, event));
      if (unit && !controls.disabled) choose({ layer, ...unit });
    });
  drawable(one(root, "[data-frame=picture]"), {
    writes: () => state.own,
    mark: (places) => {
      asking.abort(); // of the drawing as it was
      choosing.abort();
      const levels = places.reduce((before, place) => brushed(before, ...place), state.levels);
      Object.assign(state, { levels, found: null, unit: null });
      drawn(root, state);
    },
    lifted: () => ask(RESTS),
  });
  const { digits: _digits, ...first } = settings;
  set(first);
  return { set: (setting) => set({ ...first, ...setting }) };
}

/* The activations of what is shown: the picture as it is, or after its step. */
async function lookedInto({ levels, epsilon }, signal, wait) {
  const seen = { drawing: base64Of(levels) };
  const [inside, fooled] = await Promise.all([
    compute("inside", {}, wait, signal, seen),
    epsilon ? compute("fooled", { epsilon }, wait, signal, seen) : null,
  ]);
  if (!fooled) return { levels, epsilon, inside, answer: inside, values: valuesOf(inside.layers, "values") };
  const values = valuesOf(fooled.layers, "now");
  values.flatten = values["pooling-2"];
  const moved = unpacked(values.picture).map((share) => Math.round(255 * share));
  return { levels: moved, epsilon, inside, fooled, answer: fooled.after, values };
}

const valuesOf = (layers, name) => Object.fromEntries(layers.map((layer) => [layer.slug, layer[name]]));

/* A unit that its layer has. */
function within(state) {
  const { maps, rows, columns } = LAYOUTS[state.layer];
  const most = { channel: maps - 1, row: rows - 1, column: columns - 1 };
  const kept = UNIT.map((name) => [name, Math.min(most[name], Math.max(0, Math.round(state[name] || 0)))]);
  return { ...state, ...Object.fromEntries(kept) };
}

function drawn(root, state) {
  const { digit, own, epsilon, found } = state;
  for (const chip of all(root, "[data-digit]"))
    chip.setAttribute("aria-pressed", !own && Number(chip.dataset.digit) === digit);
  one(root, "[data-own]").setAttribute("aria-pressed", own);
  root.toggleAttribute("data-drawing", own);
  writable(one(root, "[data-frame=picture]"), own);
  one(root, "[data-epsilon]").value = epsilon;
  strength(root, epsilon);
  painted(one(root, "[data-frame=picture] canvas"), found?.levels ?? state.levels);
  for (const row of all(root, "[data-layer]")) layerDrawn(row, state);
  answered(root, found);
  unitDrawn(root, state);
}

function strength(root, epsilon) {
  one(root, "[data-epsilon]").setAttribute("aria-valuetext", `${epsilon}/255`);
  tell(one(root, "[data-is=epsilon]"), `${epsilon}/255`);
}

function layerDrawn(row, { layer, found, ...unit }) {
  const slug = row.dataset.layer;
  const layout = LAYOUTS[slug];
  const count = layout.maps * layout.rows * layout.columns;
  const levels = found ? bytesOf(found.values[slug].bytes) : Array(count).fill(0);
  painted(one(row, "canvas"), arranged(layout, levels), layout.width);
  const [x, y] = slug === layer ? cornerOf(layout, ...UNIT.map((name) => unit[name])) : [-9, -9];
  placed(one(row, "[data-ring]"), x, y);
  const voice = found?.fooled?.layers.find((told) => told.slug === slug);
  const words = voice && { before: voice.before.label, after: voice.after.label };
  tell(one(row, "[data-voice]"), words ? say(gettext("its neighbours: %(before)s → %(after)s"), words) : "");
  row.toggleAttribute("data-fooled", found?.fooled?.fooled === slug);
}

function answered(root, found) {
  for (const [digit, bar] of all(root, "[data-probability] rect").entries()) {
    const share = found?.answer.probabilities[digit] ?? 0;
    bar.setAttribute("height", `${100 * share}%`);
    bar.setAttribute("y", `${100 - 100 * share}%`);
  }
  const label = found?.answer.label;
  shown(one(root, "[data-shown=label]"), label ?? "", found ? String(label) : "…");
  tell(one(root, "[data-is=sure]"), found ? exactPercent(found.answer.probabilities[label]) : "…");
  const from = found?.fooled?.fooled;
  const place = from ? PLACES.indexOf(from) : NOWHERE;
  shown(one(root, "[data-shown=fooled]"), place, found ? (from ? String(place) : nameOf(root, null)) : "…");
  tell(one(root, "[data-is=fooled]"), found ? nameOf(root, from) : "…");
}

const nameOf = (root, slug) => one(root, "[data-names]").dataset[slug ? slug.replace("-", "") : "none"];

function unitDrawn(root, { layer, found, unit, ...place }) {
  const { maps, rows, columns } = LAYOUTS[layer];
  one(root, "[data-choice]").value = layer;
  for (const [name, count] of Object.entries({ channel: maps, row: rows, column: columns })) {
    const field = one(root, `[data-${name}]`);
    field.max = count - 1;
    if (field.valueAsNumber !== place[name]) field.value = place[name];
  }
  const [top, left, height, width] = unit?.field ?? [-40, -40, 0, 0];
  const seen = one(root, "[data-field]");
  placed(seen, left, top);
  seen.setAttribute("width", width);
  seen.setAttribute("height", height);
  summed(root, "given", unit?.given, 0);
  summed(root, "weights", unit?.weights, -1);
  const size = { width, height };
  shown(one(root, "[data-shown=field]"), unit ? width : "", unit ? say(gettext("%(width)s × %(height)s"), size) : "…");
  for (const name of ["bias", "total", "value"]) tell(one(root, `[data-is=${name}]`), unit ? figure(unit[name]) : "…");
  const told = found?.inside.layers.find(({ slug }) => slug === layer);
  const sum = found?.inside.layers.reduce((before, { parameters }) => before + parameters, 0);
  tell(one(root, "[data-is=weights]"), told ? integer(told.parameters) : "…");
  const share = told && told.parameters / sum;
  shown(one(root, "[data-shown=share]"), told ? share : "", told ? (share ? percent(share) : percents("0")) : "…");
}

const figure = (value) => (value === null ? "–" : String(Number(value.toPrecision(3))).replace("-", "−"));

/* Numbers as a picture: from black to white, with 0 in the middle where they have both signs. */
function summed(root, name, values, lowest) {
  const numbers = values ? values.flat(2) : [0];
  const most = Math.max(...numbers.map(Math.abs)) || 1;
  const low = lowest || Math.min(...numbers) < 0 ? -most : 0;
  const levels = numbers.map((number) => Math.round((255 * (number - low)) / (most - low)));
  const layout = layoutOf(values);
  painted(one(root, `[data-frame=${name}] canvas`), values ? arranged(layout, levels) : [null], layout.width);
}

/* Maps in a row; units of a flat layer in rows as they are shown above. */
function layoutOf(values) {
  if (!values) return laidOut([1], 1);
  if (!Array.isArray(values[0])) return laidOut([values.length], Math.min(40, values.length));
  return laidOut([values.length, values[0].length, values[0][0].length], values.length > 6 ? 8 : values.length);
}

function placed(node, x, y) {
  node.setAttribute("x", x);
  node.setAttribute("y", y);
}
