/* The page of a training, a dataset that is being prepared, or a promotion: follows the job and tells how it goes. */

import { api } from "../lib/api.js";
import { follow, isOver } from "../lib/live.js";
import { all, data, one, tell, tellParts } from "../lib/page.js";
import { charts } from "./charts.js";
import { renewals } from "./renew.js";

const ANNOUNCE_AFTER = 600;
const RESUMED = 10_000; // milliseconds between two looks whether what had ended in vain goes on

export function start(root) {
  const { job } = data("state");
  if (!job) return;
  const plots = one(root, "[data-chart]") ? charts(root) : null;
  plots?.draw(job.result);
  const renew = followed(root, renewals(root));
  const announce = later((text) => tell(one(root, "[data-announce]"), text));
  let drawn = stage(job);
  const watch = () =>
    follow(job.id, (fresh) => {
      present(root, fresh);
      if (isOver(fresh)) whenResumed(fresh, watch);
      if (stage(fresh) === drawn) return;
      drawn = stage(fresh);
      plots?.draw(fresh.result);
      renew();
      announce(() => one(root, "[data-sentence]").textContent);
    });
  if (isOver(job)) whenResumed(job, watch);
  else watch();
  whenLookedAtAgain(renew);
}

/* Meanwhile something was done in another tab, or on the page that its reader comes back from. */
function whenLookedAtAgain(renew) {
  addEventListener("pageshow", ({ persisted }) => persisted && renew());
  document.addEventListener("visibilitychange", () => document.hidden || renew());
}

/* What failed or was cancelled may be resumed elsewhere, while a class looks at this page. */
function whenResumed({ id, status }, goOn) {
  if (status === "done") return;
  const timer = setInterval(async () => {
    const fresh = document.hidden ? null : await api.job(id).catch(() => null);
    if (!fresh || fresh.status === status) return;
    clearInterval(timer);
    goOn();
  }, RESUMED);
}

/* Follows the job of a part that says so, before and after each renewal; every step of it renews the page. */
function followed(root, renewed) {
  let known = "";
  const renew = () => renewed().then(look);
  const look = () => {
    const id = one(root, "[data-follow]")?.dataset.follow;
    if (!id || id === known) return;
    known = id;
    follow(id, renew);
  };
  look();
  return renew;
}

/* What has to change before anything but sentence and progress does: the page's other parts are the server's. */
function stage({ status, position, result }) {
  return [status, position, result?.epochs?.length, result?.stop_requested].join();
}

function present(root, { result, progress }) {
  if (result?.sentence) tellParts(one(root, "[data-sentence]"), result.sentence);
  if (result?.verdict) judged(one(root, "[data-judgement]"), result.verdict);
  if (result?.note !== undefined) tell(one(root, "[data-note]"), result.note);
  for (const bar of all(root, "[data-progress]")) {
    bar.max = Math.max(1, progress.total);
    bar.value = progress.done;
  }
}

/* From the same message as the charts: a page asked for anew would arrive an epoch later. */
function judged(part, verdict) {
  part.dataset.code = verdict.code;
  for (const node of all(part, "[data-said]")) tell(node, verdict[node.dataset.said]);
}

/* Only the last of what is said in quick succession reaches a screen reader. */
function later(say) {
  let timer = 0;
  return (words) => {
    clearTimeout(timer);
    timer = setTimeout(() => say(words()), ANNOUNCE_AFTER);
  };
}

start(document.querySelector("main"));
