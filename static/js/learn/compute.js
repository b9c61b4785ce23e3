/* A computation of the course: asked for, followed to its end, and left when nobody looks any more. */

import { api, at, Refusal, request } from "../lib/api.js";
import { follow, isOver } from "../lib/live.js";
import { make, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { isLookedAt, look, looking } from "./lookers.js";

const leaving = new Set(); // what was aborted and is not left yet: who asked for the same now would be left with it

/* Resolves to what was found. `onPartial(soFar, job)` is called for every change until then: soFar is null before a
   long computation has something to show, and always of a short one.
   Rejects with a Refusal, whose message is for people, or with an AbortError after `signal` was aborted and the job
   was left. Another one may be asked for at once: it waits until then.
   `seen`: {picture: id} or {drawing: 784 grey bytes in base64}, for a computation that takes a picture. */
export async function compute(computation, options, onPartial = () => {}, signal = undefined, seen = {}) {
  while (leaving.size) await Promise.allSettled(leaving);
  signal?.throwIfAborted();
  const asked = answered({ computation, options, ...seen }, onPartial, signal);
  const leave = () => leaving.add(asked);
  signal?.addEventListener("abort", leave);
  return asked.finally(() => {
    signal?.removeEventListener("abort", leave);
    leaving.delete(asked);
  });
}

async function answered(body, onPartial, signal) {
  const job = await ask(body); // even if nobody wants it now: it is to be left
  if (isOver(job)) {
    signal?.throwIfAborted(); // it has come too late
    return found(job);
  }
  onPartial(job.live, job);
  return watched(job.id, onPartial, signal);
}

/* A page that is gone may have left one at work, since its answer came too late, or its farewell was lost: that one is
   stopped for this. */
async function ask(body) {
  const send = () => request("POST", at("api/v1/computations"), { body });
  try {
    return await looking(send());
  } catch (error) {
    if (!error.job || (await isLookedAt(error.job))) throw error;
    const former = await api.job(error.job).catch(() => null);
    if (former?.kind !== "long-computation") throw error; // an attack goes on without its page
    await api.cancel(former.id);
    return looking(send());
  }
}

/* Long computations a visitor has one at a time, so the parts of a page take turns: `work` begins when the turn before
   it is over, however that ended. */
export function inTurn(work) {
  const turn = before.then(work);
  before = turn.catch(() => {});
  return turn;
}

let before = Promise.resolve();

/* For what a part is nothing without: a function that resolves to what `ask(onPartial)` gives, or to false where the
   page cannot get it. `state` says how long it takes, or why there is none; whoever calls then asks once more. */
export function needed(state, ask) {
  let answer = null;
  const begin = async () => {
    let asking = true; // of several that it asks for some may go on after one was refused
    try {
      const found = await ask((_soFar, job) => asking && tell(state, waiting(job)));
      tell(state, "");
      return found;
    } catch (error) {
      refused(state, error);
      answer = null;
      return false;
    } finally {
      asking = false;
    }
  };
  return () => {
    answer ??= begin();
    return answer;
  };
}

/* What is said of a job that has not ended: its place in the queue, or how much longer it takes. */
export function waiting(job) {
  const words = { place: job.position, seconds: job.expected_seconds };
  if (job.status === "queued") {
    return job.expected_seconds
      ? say(gettext("Waiting: number %(place)s in the queue, done within about %(seconds)s s."), words)
      : say(gettext("Waiting: number %(place)s in the queue."), words);
  }
  return job.expected_seconds ? say(gettext("At work: done within about %(seconds)s s."), words) : gettext("At work…");
}

/* Why there is none, where else it is said how long that takes: the one is told at once to who only listens, the other
   would never end. */
export function refused(line, { message }) {
  line.replaceChildren(make("span", { role: "alert" }, message));
}

function watched(id, onPartial, signal) {
  return new Promise((resolve, reject) => {
    const leave = () => {
      end();
      return request("DELETE", at(`api/v1/jobs/${id}`), { keepalive: true }).catch(() => {}); // it may be gone
    };
    const onAbort = () => leave().then(() => reject(signal.reason));
    const onHide = () => {
      leave();
      // Where the browser has kept this page for its Back; not before, or the page would ask for its next one as it goes.
      addEventListener("pageshow", () => reject(ended({ status: "cancelled" })), { once: true });
    };
    const stop = follow(id, receive, (error) => {
      end();
      reject(error);
    });
    const away = look(id);
    const end = () => {
      stop();
      away();
      signal?.removeEventListener("abort", onAbort);
      removeEventListener("pagehide", onHide);
    };
    signal?.addEventListener("abort", onAbort);
    addEventListener("pagehide", onHide);
    if (signal?.aborted) onAbort();

    function receive(job) {
      if (!isOver(job)) return onPartial(job.live, job);
      end();
      return job.status === "done" ? resolve(found(job)) : reject(ended(job));
    }
  });
}

const found = (job) => {
  if (job.status !== "done") throw ended(job);
  return job.result.found;
};

function ended(job) {
  return new Refusal(job.error?.message ?? gettext("This was stopped before it had ended."), { code: job.status });
}
