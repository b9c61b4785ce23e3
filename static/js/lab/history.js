/* The lab's address and its entries in the browser's history: the attack that stands there, and the slider's level. */

import { levelNow, levelOf, swept } from "./evidence.js";

const LEVEL_RESTS = 400;
const SKIPPED_TO = "#main"; // a place on the page that stands there, not another page

/* The attack whose job this is gets an entry of its own. */
export function remember(store, job) {
  const entry = entryOf(store.get(), job);
  const address = job.page;
  if (location.pathname + location.search === address || !history.state)
    history.replaceState(entry, "", address); // nothing to go back to
  else history.pushState(entry, "", address);
}

/* What of the page has to stand in its history, so that Back can bring it. */
const entryOf = ({ picture, sample, own, params, chosen }, { id }) => ({
  job: id,
  picture,
  sample,
  own,
  params,
  chosen,
});

/* Back and forward bring back the attack that stood there; what it needs travels in the history entry. */
export function travel(store, goOn) {
  const keep = () => {
    const { attack } = store.get();
    if (attack) history.replaceState(entryOf(store.get(), attack), "", location.href);
  };
  keep();
  addEventListener("popstate", ({ state }) => {
    if (!state?.job) return location.hash === SKIPPED_TO ? keep() : location.reload();
    const { picture: then, sample: slug, own: mine, params: asked, chosen: then_chosen } = state;
    store.set({
      picture: then,
      sample: slug,
      own: mine,
      params: asked,
      chosen: then_chosen,
      k: levelInAddress(store.get().classifier.levels) ?? levelOf(asked, levelNow(store.get())),
      prediction: null,
      sweep: null,
      draws: {},
      saved: {},
      share: null,
      preview: null,
      stood: null,
      busy: { kind: "attack" },
      attack: { id: state.job, status: "queued" },
    });
    return goOn(store);
  });
}

/* #8 in the address, where it is a level that there is. */
export function levelInAddress(levels) {
  const [, digits] = location.hash.match(/^#(\d{1,3})$/) ?? [];
  return digits !== undefined && Number(digits) <= levels ? Number(digits) : null;
}

/* A reload, and a link that is copied from the address bar, show the level that stood there. */
export function keepLevel(store) {
  let timer = 0;
  store.on((s) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const wanted = s.attack && swept(s) && s.k !== s.params.epsilon ? `#${s.k}` : "";
      if (location.hash !== wanted)
        history.replaceState(history.state, "", location.pathname + location.search + wanted);
    }, LEVEL_RESTS);
  });
}
