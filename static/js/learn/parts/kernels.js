/* What a convolution costs: parameters and multiplications, by its kernel, and of one squeezed between two of 1×1. */

import { all, one, tell } from "../../lib/page.js";
import { integer } from "../../lib/words.js";
import { convolution, squeezed } from "../maths/kernels.js";
import { shown } from "../parts.js";

/* settings: {before, after: channels; side: of the map}. */
export function start(root, settings) {
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, state);
  };
  for (const dial of all(root, "[data-dial]"))
    dial.addEventListener("input", () => set({ [dial.dataset.dial]: Number(dial.value) }));
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

function draw(root, state) {
  const { side } = state;
  const size = `${side} × ${side}`;
  for (const dial of all(root, "[data-dial]")) dial.value = state[dial.dataset.dial];
  one(root, "[data-dial=side]").setAttribute("aria-valuetext", size);
  tell(one(root, "[data-is=side]"), size);
  const costs = new Map(all(root, "[data-kernel]").map((row) => [row, costOf(row.dataset.kernel, state)]));
  const most = Math.max(...[...costs.values()].map(({ multiplications }) => multiplications));
  for (const [row, cost] of costs) {
    const { kernel } = row.dataset;
    for (const [name, value] of Object.entries(cost))
      shown(one(row, `[data-shown=${name}-${kernel}]`), value, integer(value));
    one(row, "rect").setAttribute("width", `${(100 * cost.multiplications) / most}%`);
  }
}

const costOf = (kernel, { before, after, side }) =>
  kernel === "squeezed"
    ? squeezed(3, before, after, Math.max(1, Math.floor(before / 4)), side)
    : convolution(Number(kernel), before, after, side);
