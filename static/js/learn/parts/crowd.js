/* How many of 500 test digits LeNet has right: as they are, under random signs, under the signs of the slopes. */

import { all, one, tell } from "../../lib/page.js";
import { compute, refused, waiting } from "../compute.js";
import { counted } from "../counts.js";
import { unknown } from "../parts.js";

export function start(root, settings) {
  let asking = new AbortController();
  const set = async ({ epsilon }) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    for (const chip of all(root, "[data-level]"))
      chip.setAttribute("aria-pressed", Number(chip.dataset.level) === epsilon);
    try {
      const wait = (_soFar, job) => tell(one(root, "[data-wait]"), waiting(job));
      const found = await compute("noise-crowd", { epsilon }, wait, signal);
      if (signal.aborted) return false;
      tell(one(root, "[data-wait]"), "");
      for (const row of all(root, "[data-of]")) counted(row, found[row.dataset.of]);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      refused(one(root, "[data-wait]"), error);
      unknown(root);
      return false;
    }
  };
  for (const chip of all(root, "[data-level]"))
    chip.addEventListener("click", () => set({ epsilon: Number(chip.dataset.level) }));
  set(settings);
  return { set: (setting) => set({ ...settings, ...setting }) };
}
