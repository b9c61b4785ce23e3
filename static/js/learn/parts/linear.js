/* A linear model on few and on many pixels: how far its answer moves, which grows with ε in proportion. */

import { all, one, tell } from "../../lib/page.js";
import { compute, needed } from "../compute.js";
import { shown } from "../parts.js";

const MEASURED = 25; // grey levels that it is asked for: all else is proportional
const MOST = 10; // points, at the end of a bar

export function start(root, settings) {
  let state = { ...settings };
  const found = new Map();
  const everySide = needed(one(root, "[data-wait]"), (onPartial) =>
    Promise.all(
      all(root, "[data-side]").map(async ({ dataset: { side } }) => {
        found.set(side, await compute("linear", { side: Number(side), epsilon: MEASURED }, onPartial));
        draw(root, state, found);
      }),
    ),
  );
  const set = async (change) => {
    const chosen = { ...state, ...change };
    state = chosen;
    draw(root, state, found);
    return (await everySide()) && state === chosen; // unless ε was moved meanwhile
  };
  one(root, "[data-epsilon]").addEventListener("input", ({ target }) => set({ epsilon: target.valueAsNumber }));
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

function draw(root, { epsilon }, found) {
  const slider = one(root, "[data-epsilon]");
  slider.value = epsilon;
  slider.setAttribute("aria-valuetext", `${epsilon}/255`);
  tell(one(root, "[data-is=epsilon]"), `${epsilon}/255`);
  for (const [side, told] of found)
    for (const row of all(root, `[data-side="${side}"] [data-of]`)) {
      const of = row.dataset.of;
      const value = of === "lead" ? told.lead : (told[of] * epsilon) / MEASURED;
      one(row, "rect").setAttribute("width", `${Math.min(100, (100 * value) / MOST)}%`);
      shown(one(row, "[data-shown]"), value, value.toFixed(2));
    }
}
