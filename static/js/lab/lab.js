/* The lab: one state, and the parts that draw it. */

import { request } from "../lib/api.js";
import { isOver } from "../lib/live.js";
import { data, notWhole, offer, one } from "../lib/page.js";
import { onceMore } from "../lib/patience.js";
import { createStore } from "../lib/store.js";
import { bars } from "./bars.js";
import { changeUrl, levelOf } from "./evidence.js";
import { attacking, beginAsked, judgeAgain, resume, takeSample } from "./flow.js";
import { compare, frames } from "./frames.js";
import { keepLevel, levelInAddress, travel } from "./history.js";
import { numbers } from "./numbers.js";
import { pictureChooser } from "./picture-chooser.js";
import { slider } from "./slider.js";
import { verdict } from "./verdict.js";

const SHARED_POLL = 1000;
const PATIENCE = 5000; // for the first picture

export function start(root) {
  const store = createStore(initial(data("state")));
  for (const part of [frames, compare, verdict, bars, slider, numbers]) part(root, store);
  if (!store.get().readonly) for (const part of [pictureChooser, again]) part(root, store);
  keepLevel(store);
  drawn(store)
    .then(() => onceMore(() => import("./later.js")))
    .then(
      ({ later }) => later(root, store),
      () => notWhole(one(root, ".notes")),
    );
  if (store.get().readonly) return watchShared(store);
  travel(store, resume);
  const { asked, samples } = store.get();
  if (asked) return beginAsked(store, asked);
  const [first] = samples;
  return store.get().attack || !first ? resume(store) : takeSample(store, first);
}

/* Once the picture is drawn, or after a moment: on a slow line the other scripts would only delay it. */
function drawn(store) {
  const { attack, exact } = store.get();
  if (!attack?.result || exact === false || !changeUrl(store.get())) return Promise.resolve();
  return Promise.race([
    new Promise((done) => store.on((s) => s.signs && done())),
    new Promise((done) => setTimeout(done, PATIENCE)),
  ]);
}

/* What the server put into the page, and what only the page knows. */
function initial(given) {
  const { picture, job, sweep, draws: drawn, share, default_params, asked } = given;
  const params = job?.about.params ?? asked?.params ?? default_params;
  return {
    ...given,
    attack: job,
    sweep,
    draws: byLevel(drawn),
    params,
    chosen: job?.about.attack ?? asked?.chosen ?? given.default_attack, // the attack's name
    k: levelInAddress(given.classifier.levels) ?? levelOf(params, default_params.epsilon),
    sample: picture?.sample ?? null,
    own: Boolean(picture) && !picture.sample,
    share: share?.url ? share : null,
    saved: {},
    prediction: null,
    busy: job && !isOver(job) ? attacking(job) : null,
    stood: null,
    error: null,
    notice: null,
    preview: null,
    pixel: null,
    file: null, // the attacked picture's own pixels, of an attack without a map of signs
    repeated: {},
    comparison: null,
    exact: null, // whether pixels are drawn here: unknown, true or false
    lost: "", // what did not arrive, where that is why not
  };
}

const byLevel = (drawn) => Object.fromEntries(drawn.map((result) => [result.value, result]));

/* A shared page may not follow its owner's jobs; it asks for its own state until the curve is complete. */
async function watchShared(store, wait = SHARED_POLL) {
  const { attack, sweep, urls } = store.get();
  if (attack.status !== "done" || isOver(sweep ?? attack)) return;
  await new Promise((done) => setTimeout(done, wait));
  try {
    const fresh = await request("GET", urls.state);
    store.set({ attack: fresh.job, sweep: fresh.sweep, draws: byLevel(fresh.draws) });
    watchShared(store);
  } catch (error) {
    if (error.final) return; // revoked: what is shown stays
    watchShared(store, Math.max(SHARED_POLL, 1000 * (error.retryAfter ?? 0)));
  }
}

/* When the job of the other levels was dropped, it can be asked for again. */
function again(root, store) {
  const button = one(root, "[data-judge-again]");
  const heading = one(root, "[data-verdict]");
  button.addEventListener("click", () => judgeAgain(store));
  store.on((s) => offer(button, ["failed", "cancelled"].includes(s.sweep?.status), heading));
}

start(document.querySelector("main"));
