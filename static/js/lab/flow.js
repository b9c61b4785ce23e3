/* From a picture to its sweep: upload, see, attack, judge every level; each step can fail, wait or be left. */

import { api, Refusal, upload } from "../lib/api.js";
import { follow, isOver } from "../lib/live.js";
import { prepared } from "../lib/shrink.js";
import { say, size } from "../lib/words.js";
import { attacked, levelNow, levelOf, target } from "./evidence.js";
import { remember } from "./history.js";

const SHRINKS = 5; // times what is taken: a camera's photo of that many bytes, a browser makes smaller

const EMPTY = {
  prediction: null,
  attack: null,
  sweep: null,
  draws: {},
  saved: {},
  share: null,
  error: null,
  busy: null,
  stood: null, // what the page goes back to where what is under way comes to nothing
};

let leave = () => {};

/* A file the visitor dropped, pasted, chose or took. What stood on the page comes back if it is refused. */
export async function takeFile(store, file) {
  const now = store.get();
  const limit = now.limits.upload_bytes;
  if (file.size > SHRINKS * limit) return store.set({ error: trouble(tooLarge(file, limit)) });
  const before = standing(now);
  const visit = begin(store, {
    ...EMPTY,
    sample: null,
    own: true,
    busy: { kind: "upload", share: 0 },
    stood: before,
  });
  try {
    const photo = !before.classifier.grey;
    const { file: smaller, preview } = await prepared(file, before.limits.long_side, {
      exact: before.exact !== false,
      opaque: photo,
    });
    visit.signal.throwIfAborted(); // another one was brought meanwhile
    if (smaller.size > limit) throw tooLarge(file, limit);
    if (photo) visit.set({ preview }); // what becomes small and grey is not shown as it was brought
    const picture = await upload(before.urls.images, smaller, {
      prepare: before.classifier.preparation,
      signal: visit.signal,
      onProgress: (share) => visit.set({ busy: { kind: "upload", share } }),
    });
    if (preview) preview.of = picture.id; // it stays until the server's own picture is there
    visit.set({
      picture,
      ...beginning(before),
      k: before.default_params.epsilon,
      busy: { kind: "predict" },
      stood: null,
    });
  } catch (error) {
    return giveBack(store, visit, error, () => takeFile(store, file));
  }
  return predictAndAttack(store, visit);
}

/* A sample: its result was computed by the same pipeline and waits on the server, or is asked for now. */
export async function takeSample(store, sample) {
  if (!sample.job) return attackPicture(store, { ...sample, sample: sample.slug });
  const visit = begin(store, { busy: { kind: "sample" }, stood: standing(store.get()) });
  try {
    const attack = await api.job(sample.job, { signal: visit.signal });
    const sweepId = attack.result?.sweep_job;
    const sweep = sweepId ? await api.job(sweepId, { signal: visit.signal }) : null;
    await there(sample.thumbnail);
    const params = attack.about.params;
    const { id, slug, url, thumbnail, width, height } = sample;
    const picture = { id, url, thumbnail, width, height, sample: slug };
    visit.set({
      ...EMPTY,
      picture,
      preview: null,
      params,
      chosen: attack.about.attack,
      sample: slug,
      own: false,
      k: levelOf(params, levelNow(store.get())),
      attack,
      sweep,
    });
    if (!visit.signal.aborted) remember(store, attack);
    continueFrom(visit, attack, sweep, () => takeSample(store, sample));
  } catch (error) {
    giveBack(store, visit, error, () => takeSample(store, sample));
  }
}

/* What stands on the page, or did before the picture that is on its way to it. */
const standing = (now) => (["upload", "sample"].includes(now.busy?.kind) ? now.stood : now);

/* What a picture is attacked with first. */
const beginning = ({ default_attack, default_params }) => ({ chosen: default_attack, params: default_params });

/* A sample, or a picture that was brought before. */
function attackPicture(store, picture, begun = beginning(store.get())) {
  const visit = begin(store, {
    ...EMPTY,
    picture,
    preview: null,
    ...begun,
    sample: picture.sample,
    own: !picture.sample,
    k: levelOf(begun.params, levelNow(store.get())),
    busy: { kind: "predict" },
  });
  return predictAndAttack(store, visit);
}

/* Another attack on the same picture: of the same kind, or another with options of its own. The slider, where it tells
   the budget, stays where it is. */
export async function attackAgain(store, targetClass, kind = store.get()) {
  const before = store.get();
  const { attack, prediction } = before;
  const { chosen } = kind;
  const params = { ...paramsOf(before, targetClass, kind), target_class: targetClass };
  const known = prediction?.result ? prediction : predictionFrom(attack); // an answer that is still to come is followed no longer
  const visit = begin(store, {
    ...EMPTY,
    prediction: known,
    chosen,
    params,
    k: levelOf(params, levelNow(before)),
    busy: { kind: "attack" },
    stood: attacked(before) ? before : before.stood,
  });
  const again = () => attackAgain(store, targetClass, { chosen, params });
  try {
    await postAttack(store, visit, again);
  } catch (error) {
    giveBack(store, visit, error, again);
  }
}

/* What an attack is told: its own options, the class to reach if it can aim, and what the slider says. */
export function paramsOf(s, targetClass, { chosen, params }) {
  const given = { ...params };
  if ("target" in s.usual[chosen]) given.target = targetClass?.index ?? null;
  return s.rays.includes(chosen) ? { ...given, epsilon: Math.max(1, levelNow(s)) } : given;
}

/* What a page shows of an attack under way; of a long one how far it is and when it is done, too. */
export function attacking({ position, expected_seconds, progress }) {
  const long = expected_seconds !== null;
  return { kind: "attack", position, seconds: expected_seconds, share: long ? progress.done / progress.total : null };
}

/* What the address asks for and nobody has run yet; the slider's place, #8, is the budget it means. */
export function beginAsked(store, { picture, chosen, params }) {
  const { k, rays } = store.get();
  const asked = rays.includes(chosen) || !("epsilon" in params) ? params : { ...params, epsilon: Math.max(1, k) };
  return attackPicture(store, picture, { chosen, params: asked });
}

/* Continues whatever a loaded page or the browser's Back finds unfinished. */
export function resume(store) {
  if (store.get().attack) goOn(store, begin(store, {}));
}

function goOn(store, visit) {
  const { attack, sweep } = store.get();
  if (attack) continueFrom(visit, attack, sweep, () => attackAgain(store, target(store.get())));
}

/* As if what is under way had never begun: what stood before is back, and goes on unless it was stopped. */
function goBack(store) {
  const visit = begin(store, { ...store.get().stood, preview: null, error: null });
  const { attack, busy } = store.get();
  if (attacked(store.get()) || (attack && busy)) goOn(store, visit);
  else if (busy) predictAndAttack(store, visit); // it had not been answered
  return visit;
}

/* What is refused leaves the page as it stood before, and says so there. */
function giveBack(store, visit, error, retry) {
  if (visit.signal.aborted) return;
  if (store.get().stood) goBack(store).set({ error: trouble(error, retry) });
  else fail(store, error, retry);
}

/* Asks for the other levels again when their job was dropped. */
export async function judgeAgain(store) {
  const visit = begin(store, {});
  try {
    const { id } = await api.sweep(visit.get().attack.id);
    visit.set({ sweep: null });
    followSweep(visit, id);
  } catch (error) {
    visit.fail(error, () => judgeAgain(store));
  }
}

/* Stops what is under way, here and on the server. */
export function cancel(store) {
  const { attack, prediction, stood } = store.get();
  for (const job of [prediction, attack]) {
    const stays = job === stood?.prediction || job === stood?.attack; // and goes on
    if (job && !job.result && !stays) api.cancel(job.id).catch(() => {}); // it may have finished meanwhile: then there is nothing to stop
  }
  if (stood?.picture) {
    const message = gettext("Stopped: what stood here before is back.");
    return goBack(store).set({ error: { message, retry: null } });
  }
  const { picture } = store.get();
  const visit = begin(store, {
    busy: null,
    preview: null,
    prediction: prediction?.result ? prediction : null,
    error: {
      message: gettext("Stopped. Nothing was kept running."),
      retry: picture ? () => predictAndAttack(store, begin(store, { busy: { kind: "predict" } })) : null,
    },
  });
  if (picture && !prediction?.result) predict(visit).catch(() => {}); // what the network sees is told all the same
}

/* Says what went wrong, and offers to try again; what was let go is no trouble. */
export function fail(store, error, retry = null) {
  if (error.name === "AbortError") return;
  store.set({ busy: null, error: trouble(error, retry) });
}

const trouble = (error, retry = null) => ({
  message: error.message,
  retryAfter: error.retryAfter ?? null,
  retry: error.final ? null : retry,
});

/* One visit to one picture: its signal ends with the next one, and late answers change nothing. */
function begin(store, patch) {
  leave();
  const controller = new AbortController();
  const stops = [];
  leave = () => {
    controller.abort();
    for (const stop of stops) stop();
  };
  store.set({ error: null, ...patch });
  const alive = () => !controller.signal.aborted;
  return {
    signal: controller.signal,
    set: (change) => alive() && store.set(change),
    get: store.get,
    follow: (id, onJob, onTrouble) => alive() && stops.push(follow(id, onJob, onTrouble)),
    fail: (error, retry) => alive() && fail(store, error, retry),
  };
}

/* Until a small picture is there: a sentence does not stand over another one. */
async function there(url) {
  const image = Object.assign(new Image(), { src: url });
  await image.decode().catch(() => {}); // lost on the way: the frame stays empty until the picture itself has come
}

async function predictAndAttack(store, visit) {
  const again = () => predictAndAttack(store, begin(store, { busy: { kind: "predict" } }));
  try {
    if (!tellsSoon(visit.get(), visit.get().chosen) && !visit.get().prediction?.result)
      await predict(visit, (job) => job.status === "failed" && visit.fail(new Refusal(job.error.message), again));
    await postAttack(store, visit, again);
  } catch (error) {
    visit.fail(error, again);
  }
}

/* One step is over in a moment, and its result tells what the network sees: nothing is asked for that beside it. */
const tellsSoon = ({ rays }, attack) => rays.includes(attack);

async function predict(visit, onJob = () => {}) {
  const { picture, classifier } = visit.get();
  const { id } = await ordered(visit, api.predict(picture.id, classifier.ask));
  visit.follow(id, (job) => {
    visit.set({ prediction: job });
    onJob(job);
  });
}

/* The job that was asked for. Where the visit has ended before it was told of, nobody else can stop it. */
async function ordered(visit, order) {
  const job = await order;
  if (!visit.signal.aborted) return job;
  if (!isOver(job)) api.cancel(job.id).catch(() => {});
  throw visit.signal.reason;
}

async function postAttack(store, visit, again) {
  const { picture, classifier, chosen, params } = store.get();
  const { target_class, ...given } = params; // its label is for this page alone
  const job = await ordered(visit, api.attack(picture.id, classifier.ask, chosen, given));
  visit.set({ attack: job, stood: null });
  remember(store, job);
  followAttack(visit, job.id, again);
}

function continueFrom(visit, attack, sweep, again) {
  if (!isOver(attack)) return followAttack(visit, attack.id, again);
  looking(visit)(attack);
  if (attack.status === "done" && sweep?.status !== "done") return followSweep(visit, attack.result.sweep_job);
  return settle(visit, attack, again);
}

/* Asks what the network sees, once, where an attack does not tell it soon, or has come to nothing: there is a class to
   leave then, and others to aim at. Where that is refused, the page is as it would be without. */
function looking(visit) {
  let done = false;
  return (job) => {
    const told = job.result || visit.get().prediction || (!isOver(job) && tellsSoon(visit.get(), job.about.attack));
    if (done || told) return;
    done = true;
    predict(visit).catch(() => {});
  };
}

function followAttack(visit, id, again) {
  const look = looking(visit);
  visit.follow(
    id,
    (job) => {
      visit.set({ attack: job });
      look(job);
      settle(visit, job, again);
      if (job.status === "done") followSweep(visit, job.result.sweep_job);
    },
    (error) => visit.fail(error),
  );
}

function settle(visit, job, again) {
  visit.set({ busy: isOver(job) ? null : attacking(job) });
  if (job.status === "failed") visit.fail(new Refusal(job.error.message), again);
  if (job.status === "cancelled") visit.fail(new Refusal(gettext("This attack was cancelled.")), again);
}

function followSweep(visit, id) {
  if (id)
    visit.follow(
      id,
      (job) => visit.set({ sweep: job }),
      () => visit.set({ sweep: { id, status: "cancelled" } }),
    );
}

function predictionFrom(attack) {
  return attack?.result ? { status: "done", result: { top: attack.result.original.top } } : null;
}

function tooLarge(file, limit) {
  const sizes = { size: size(file.size), limit: size(limit) };
  return new Refusal(say(gettext("Your picture is too large (%(size)s; up to %(limit)s)."), sizes), { status: 413 });
}
