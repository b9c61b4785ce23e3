/* Counts as bars with their 95 % intervals: how many of how many are right; of digits, or of photographs. */

import { all, one, tell } from "../lib/page.js";
import { percents, say } from "../lib/words.js";
import { compute, refused, waiting } from "./compute.js";
import { shown, unknown } from "./parts.js";

/* row: a table's, with a bar, a number that is shown, and an interval. */
export function counted(row, { right, of, accuracy, interval }) {
  one(row, "rect").setAttribute("width", `${100 * accuracy}%`);
  shown(one(row, "[data-shown]"), accuracy, say(gettext("%(right)s of %(of)s"), { right, of }));
  const [low, high] = interval.map((share) => (100 * share).toFixed(1));
  tell(one(row, "[data-interval]"), percents(`${low}–${high}`));
}

/* A part whose rows [data-of] are counts of one computation or another. settings: {subject, computations: {subject: slug}}.
   `draw(found)`, if there is one, shows the rest of what was found. */
export function countsBySubject(root, settings, draw = () => {}) {
  const ask = (subject, ...more) => compute(settings.computations[subject], {}, ...more);
  return bySubject(root, settings, ask, (found) => {
    for (const row of all(root, "[data-of]")) counted(row, (found.figures ?? found)[row.dataset.of]);
    draw(found);
  });
}

/* A part with a chip for each subject. `ask(subject, receive, signal)` has its figures computed, `draw` shows them. */
export function bySubject(root, settings, ask, draw) {
  let asking = new AbortController();
  const set = async ({ subject }) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    for (const chip of all(root, "[data-subject]")) chip.setAttribute("aria-pressed", chip.dataset.subject === subject);
    const wait = one(root, "[data-wait]");
    try {
      const receive = (_soFar, job) => tell(wait, waiting(job));
      const found = await ask(subject, receive, signal);
      if (signal.aborted) return false;
      tell(wait, "");
      draw(found);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      refused(wait, error);
      unknown(root);
      return false;
    } finally {
      if (!signal.aborted) for (const chip of all(root, "[data-subject]")) chip.disabled = false;
    }
  };
  for (const chip of all(root, "[data-subject]"))
    chip.addEventListener("click", () => set({ subject: chip.dataset.subject }));
  set(settings);
  return { set: (setting) => set({ ...settings, ...setting }) };
}
