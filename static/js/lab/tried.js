/* The budgets that a search has tried, each with its picture and verdict; and the button that begins one. */

import { make, offer, one, redraw, show, tell } from "../lib/page.js";
import { attacked, original, ownLevel, pointAt, searched, sweepOf, swept } from "./evidence.js";
import { judgeAgain } from "./flow.js";

export function tried(root, store) {
  const section = one(root, "[data-tried]");
  const list = one(section, "ul");
  const ask = one(section, "[data-search]");
  const heading = one(root, "[data-verdict]");
  let drawn = "";
  one(ask, "button").addEventListener("click", () => judgeAgain(store));
  store.on((s) => {
    const canAsk = !swept(s) && !s.sweep && !s.readonly && Boolean(attacked(s)?.search);
    offer(ask, canAsk, heading);
    if (canAsk) tell(one(ask, "span"), attacked(s).search);
    show(list, searched(s));
    if (searched(s) && !pointAt(s, s.k)) return store.set({ k: ownLevel(s) });
    const key = searched(s) ? `${s.attack.id} ${s.k}` : "";
    if (key === drawn) return;
    drawn = key;
    redraw(list, searched(s) ? sweepOf(s).points.map((point) => chip(s, store, point)) : []);
  });
}

function chip(s, store, { value, budget, top }) {
  const role = top.index === original(s).index ? "before" : "after";
  const button = make(
    "button",
    { type: "button", class: "chip", "aria-pressed": String(value === s.k), "data-key": value },
    budget,
    make("small", { class: role }, top.name),
  );
  button.addEventListener("click", () => store.set({ k: value }));
  return make("li", {}, button);
}
