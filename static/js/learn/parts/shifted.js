/* A digit moved to the side: what each layer makes of it stays alike once its maps are moved along. */

import { all, one, tell } from "../../lib/page.js";
import { compute, refused, waiting } from "../compute.js";
import { EMPTY, levelsOf, painted } from "../digits.js";
import { base64Of, unpacked } from "../maths/pixels.js";
import { shown, unknown } from "../parts.js";

/* settings: digits (ten PNGs as data: addresses), digit, across (pixels to the right). */
export async function start(root, settings) {
  const pictures = await Promise.all(settings.digits.map(levelsOf));
  const { digits: _digits, ...first } = settings;
  let state = first;
  let asking = new AbortController();

  const set = async (change) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    state = { ...state, ...change };
    chosen(root, state);
    painted(one(root, "[data-frame=first] canvas"), pictures[state.digit]);
    const wait = (_soFar, job) => tell(one(root, "[data-wait]"), waiting(job));
    const seen = { drawing: base64Of(pictures[state.digit]) };
    try {
      const found = await compute("shifted", { across: state.across }, wait, signal, seen);
      tell(one(root, "[data-wait]"), "");
      drawn(root, found);
      return true;
    } catch (error) {
      if (!signal.aborted) without(root, error);
      return false;
    } finally {
      one(root, "[data-controls]").disabled = false;
    }
  };

  for (const chip of all(root, "[data-digit]"))
    chip.addEventListener("click", () => set({ digit: Number(chip.dataset.digit) }));
  const slider = one(root, "[data-across]");
  slider.addEventListener("input", () => chosen(root, { ...state, across: slider.valueAsNumber }));
  slider.addEventListener("change", () => set({ across: slider.valueAsNumber }));
  set({});
  return { set: (setting) => set({ ...first, ...setting }) };
}

function chosen(root, { digit, across }) {
  for (const chip of all(root, "[data-digit]")) chip.setAttribute("aria-pressed", Number(chip.dataset.digit) === digit);
  const words = String(across).replace("-", "−");
  one(root, "[data-across]").value = across;
  one(root, "[data-across]").setAttribute("aria-valuetext", words);
  tell(one(root, "[data-is=across]"), words);
}

/* What stands there was found of something else. */
function without(root, error) {
  refused(one(root, "[data-wait]"), error);
  painted(one(root, "[data-frame=moved] canvas"), EMPTY);
  unknown(root);
}

function drawn(root, { layers, picture, before, after }) {
  const levels = unpacked(picture).map((share) => Math.round(255 * share));
  painted(one(root, "[data-frame=moved] canvas"), levels);
  shown(one(root, "[data-shown=before]"), before.label, String(before.label));
  shown(one(root, "[data-shown=after]"), after.label, String(after.label));
  for (const layer of layers) {
    const row = one(root, `[data-of="${layer.slug}"]`);
    if (!row) continue; // flattened: the same numbers again
    for (const name of ["still", "moved"]) {
      const alike = layer[name];
      one(row, `[data-bar=${name}]`).setAttribute("width", `${100 * Math.max(0, alike ?? 0)}%`);
      shown(one(row, `[data-shown^=${name}]`), alike ?? "", alike === null ? "–" : alike.toFixed(2).replace("-", "−"));
    }
  }
}
