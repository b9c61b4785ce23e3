/* One step or many: the other is one click away, with the same goal and as strong. */

import { all, one } from "../lib/page.js";
import { target } from "./evidence.js";
import { attackAgain } from "./flow.js";

export function steps(root, store) {
  const buttons = all(one(root, "[data-steps]"), "[data-steps-of]");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { usual, k, params } = store.get();
      const chosen = button.dataset.stepsOf;
      const epsilon = Math.max(1, params.epsilon === undefined ? usual[chosen].epsilon : k);
      attackAgain(store, target(store.get()), { chosen, params: { ...usual[chosen], epsilon } });
    });
  }
  store.on((s) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.stepsOf === s.chosen));
      button.disabled = Boolean(s.busy) || !s.picture || button.dataset.stepsOf === s.chosen;
    }
  });
}
