/* More draws of the noise, once every level is judged and the slider rests: how often noise alone changes the answer. */

import { api } from "../lib/api.js";
import { follow } from "../lib/live.js";
import { complete } from "./evidence.js";

const RESTS = 700;

export function draws(_root, store) {
  let asked = "";
  let timer = 0;
  store.on((s) => {
    const wanted = !s.readonly && complete(s) && s.k > 0 && !(s.k in s.draws) ? `${s.attack.id} ${s.k}` : "";
    if (wanted === asked) return;
    asked = wanted;
    clearTimeout(timer);
    if (wanted) timer = setTimeout(() => ask(store, s.attack.id, s.k), RESTS);
  });
}

/* Kept by level; null where they were asked for in vain: the first draw is told all the same. */
async function ask(store, id, k) {
  const keep = (result) => store.get().attack?.id === id && store.set({ draws: { ...store.get().draws, [k]: result } });
  try {
    const job = await api.draws(id, k);
    follow(
      job.id,
      (done) => done.result && keep(done.result),
      () => keep(null),
    );
  } catch {
    keep(null);
  }
}
