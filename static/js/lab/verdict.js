/* The sentence and the lines around it: what was done, when it breaks, what noise does, what to be careful about. */

import { one, plain, show, tell, tellParts } from "../lib/page.js";
import { gap, percents, runOn, say } from "../lib/words.js";
import { answerAt, attacked, notesOf, original, sweepOf, swept, wordsAt } from "./evidence.js";

const ANNOUNCE_AFTER = 600;

export function verdict(root, store) {
  let timer = 0;
  let last = "";
  store.on((s) => {
    const parts = sentenceFor(s);
    tellParts(one(root, "[data-verdict]"), parts);
    document.title = `Gibbon · ${plain(parts)}`;
    tell(one(root, "[data-sub]"), wordsAt(s, s.k)?.subtitle ?? s.classifier.name);
    breaksLine(one(root, "[data-breaks]"), s);
    noiseLine(one(root, "[data-noise]"), s);
    notes(root, s);
    const news = newsOf(s, parts);
    if (news === last) return; // whatever else arrives must not put the announcement off
    last = news;
    tell(one(root, "[data-announce]"), ""); // what it told is of another picture or level
    clearTimeout(timer);
    timer = setTimeout(() => tell(one(root, "[data-announce]"), plain(sentenceFor(store.get()))), ANNOUNCE_AFTER);
  });
}

/* What is worth telling whoever listens: of a wait its kind, not every second and every percent of it. */
function newsOf({ busy }, parts) {
  if (!busy) return plain(parts);
  return JSON.stringify([
    plain(parts.filter(({ role }) => role !== "waiting")),
    busy.kind,
    busy.kind === "upload" && busy.share === 1,
    Boolean(busy.seconds),
    busy.position > 1,
  ]);
}

/* The parts of the sentence for what is known now; also what the page says while it waits. */
export function sentenceFor(s) {
  const words = s.busy?.kind === "upload" ? null : wordsAt(s, s.k);
  if (words) return s.k > 0 ? [...words.sentence, ...otherSteps(s)] : words.sentence;
  const first = (s.busy || s.error) && !attacked(s) && wordsAt(s, 0);
  if (!first) return [{ text: waiting(s), role: "waiting" }];
  return s.busy ? [...first.sentence, { text: `${gap()}${waiting(s)}`, role: "waiting" }] : first.sentence;
}

/* What the other number of steps came to, where that is known of the very attack that is shown. */
function otherSteps({ other_steps, attack }) {
  return other_steps?.of === attack?.id ? other_steps.sentence : [];
}

function waiting(s) {
  const { busy, k } = s;
  if (!busy && s.error) return gettext("There is no result to show.");
  if (busy?.kind === "upload") {
    const words = { share: percents(Math.round(busy.share * 100)) };
    return busy.share < 1 ? say(gettext("Sending your picture: %(share)s"), words) : gettext("Reading your picture…");
  }
  if (busy?.seconds) return long(busy);
  if (busy?.position > 1) return say(gettext("Waiting: number %(place)s in the queue."), { place: busy.position });
  if (busy?.kind === "predict") return gettext("Asking the network what it sees…");
  if (busy) return gettext("The attack is under way…");
  if (!s.picture) return gettext("Drop a photo to begin.");
  return say(gettext("At %(eps)s: being judged…"), { eps: `${k}/255` });
}

function long({ position, seconds }) {
  const words = { place: position, seconds };
  if (position > 1)
    return say(gettext("Waiting: number %(place)s in the queue, done within about %(seconds)s s."), words);
  return say(gettext("The attack is under way: done within about %(seconds)s s."), words);
}

/* One entry per question: a bold answer and the rest of the line. */
function breaksLine(node, s) {
  const sweep = sweepOf(s);
  show(node, swept(s) || Boolean(s.sweep));
  node.dataset.outcome = !sweep ? "pending" : sweep.breaks_at === null ? "held" : "broken";
  tell(one(node, "b"), sweep?.breaks.title ?? gettext("When does it break?"));
  tell(one(node, "span"), sweep?.breaks.rest ?? judging(s));
}

function judging(s) {
  const { status, progress } = s.sweep ?? {};
  if (!swept(s)) return progress?.text || gettext("Known in a moment.");
  if (status === "failed" || status === "cancelled") return gettext("The other levels were not judged.");
  if (progress?.total > 1) return say(gettext("Judging every level: %(done)s of %(total)s…"), progress);
  return attacked(s) ? gettext("Judging every level…") : gettext("Known in a moment.");
}

/* What random noise does, and under how many draws of it. */
function noiseLine(node, s) {
  const words = wordsAt(s, s.k);
  const top = answerAt(s, s.k)?.control?.top;
  show(node, Boolean(words || s.busy || !s.error)); // what was stopped or has failed is judged no more
  const drawn = s.draws[s.k]?.sentence ?? "";
  const single = !top && drawn ? "" : (words?.control ?? gettext("being judged…")); // at levels between: draws alone
  tell(one(node, "b"), words?.control_title ?? say(gettext("Random noise at %(eps)s:"), { eps: `${s.k}/255` }));
  tell(one(node, "span"), runOn(single, drawn));
  node.dataset.outcome = !top || s.k === 0 ? "pending" : top.index === original(s).index ? "held" : "broken";
}

/* What the sentence has no room for. */
function notes(root, s) {
  const words = wordsAt(s, s.k);
  const picture = notesOf(s);
  remark(one(root, "[data-note=wrong]"), picture?.wrong);
  remark(one(root, "[data-note=closed]"), picture?.closed);
  remark(one(root, "[data-note=gradient]"), words?.gradient_note);
  remark(one(root, "[data-note=flat]"), words?.flat_note);
  show(one(root, "[data-note=canvas]"), s.exact === false && !s.lost);
  show(one(root, "[data-note=lost]"), Boolean(s.lost));
}

function remark(node, text = "") {
  show(node, Boolean(text));
  tell(node, text);
}
