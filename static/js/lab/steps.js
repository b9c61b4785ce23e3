/* One step or many: the other is one click away, with the same goal and as strong; and what it came to is told. */

import { api } from "../lib/api.js";
import { all, answers, one, show, tell } from "../lib/page.js";
import { sweepOf, target } from "./evidence.js";
import { attackAgain } from "./flow.js";

export function steps(root, store) {
  const buttons = all(root, "[data-steps-of]");
  for (const button of buttons) {
    button.disabled = false; // there is a script that listens
    button.addEventListener("click", () => canTake(store.get(), button) && take(store, button.dataset.stepsOf));
  }
  store.on((s) => {
    for (const button of buttons) {
      const chosen = button.dataset.stepsOf === s.chosen;
      if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(chosen));
      answers(button, !s.busy && Boolean(s.picture));
    }
  });
  others(root, store);
}

const canTake = (s, { dataset }) => !s.busy && Boolean(s.picture) && dataset.stepsOf !== s.chosen;

function take(store, chosen) {
  const { usual, k, params } = store.get();
  const epsilon = Math.max(1, params.epsilon === undefined ? usual[chosen].epsilon : k);
  attackAgain(store, target(store.get()), { chosen, params: { ...usual[chosen], epsilon } });
}

/* Asked once a sweep or a search has ended. */
function others(root, store) {
  const line = one(root, "[data-breaks]");
  const shown = (s) => (sweepOf(s) ? s.attack.id : null);
  let asked = shown(store.get()); // the page came with it
  store.on((s) => {
    if (asked !== shown(s)) {
      asked = shown(s);
      if (asked) look(store, asked);
    }
    const known = sweepOf(s) && s.other_steps?.of === s.attack.id ? s.other_steps : null;
    tell(one(line, "[data-other-steps]"), known?.line ?? "");
    const link = one(line, "[data-other-page]");
    link.href = known?.page ?? "";
    show(link, Boolean(known?.page));
    show(one(line, "[data-steps-of]"), Boolean(known?.offered));
  });
}

async function look(store, id) {
  const other_steps = await api.otherSteps(id).catch(() => null); // then the sweep stands by itself
  if (store.get().attack?.id === id) store.set({ other_steps });
}
