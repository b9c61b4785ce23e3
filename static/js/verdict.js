/* The sentence and the lines around it: what was done, when it breaks, what noise does, what to be careful about. */

import { attacked, complete, factsAt, levelAt, original, rungs, target } from "./evidence.js";
import { one, show, tell, tellParts } from "./page.js";
import { plain, sentence } from "./sentence.js";
import { exactPercent, percent, say } from "./words.js";

const ANNOUNCE_AFTER = 600;
const MANY_STILL = 0.25; // of the pixels

export function verdict(root, store) {
  let timer = 0;
  store.on((s) => {
    const parts = sentenceFor(s);
    tellParts(one(root, "[data-verdict]"), parts);
    document.title = `Gibbon · ${plain(parts)}`;
    tell(one(root, "[data-sub]"), subtitle(s));
    breaksLine(one(root, "[data-breaks]"), s);
    noiseLine(one(root, "[data-noise]"), s);
    notes(root, s);
    clearTimeout(timer);
    timer = setTimeout(() => tell(one(root, "[data-announce]"), plain(parts)), ANNOUNCE_AFTER);
  });
}

/* The parts of the sentence for what is known now; also what the page says while it waits. */
export function sentenceFor(s) {
  const facts = s.busy?.kind === "upload" ? null : factsAt(s, s.k);
  if (facts) return sentence(facts);
  const first = s.busy && !attacked(s) && original(s);
  if (first) return [...sentence({ ...factsAt(s, 0), k: 0 }), { text: ` ${waiting(s)}`, role: "waiting" }];
  return [{ text: waiting(s), role: "waiting" }];
}

function waiting(s) {
  const { busy, k } = s;
  if (!busy && s.error) return gettext("There is no result to show.");
  if (busy?.kind === "upload") {
    const words = { share: `${Math.round(busy.share * 100)}\u202f%` };
    return busy.share < 1 ? say(gettext("Sending your picture: %(share)s"), words) : gettext("Reading your picture…");
  }
  if (busy?.position > 1) return say(gettext("Waiting: number %(place)s in the queue."), { place: busy.position });
  if (busy?.kind === "predict") return gettext("Asking the network what it sees…");
  if (busy) return gettext("Following the gradient for one step…");
  if (!s.picture) return gettext("Drop a photo to begin.");
  return say(gettext("At %(eps)s: being judged…"), { eps: `${k}/255` });
}

function subtitle(s) {
  const goal = target(s);
  const words = { network: s.classifier.name, k: s.k, target: goal?.label };
  if (s.k === 0) return say(gettext("%(network)s · nothing is added: this is the picture itself"), words);
  if (goal) return say(gettext("%(network)s · one FGSM step towards %(target)s · no value moved by more than %(k)s of 255"), words);
  return say(gettext("%(network)s · one FGSM step away from what the network said · no value moved by more than %(k)s of 255"), words);
}

/* One entry per question: a bold answer and the rest of the line. */
function breaksLine(node, s) {
  const [bold, rest] = breaks(s);
  node.dataset.outcome = complete(s) ? (rungs(s).breaks_at === null ? "held" : "broken") : "pending";
  tell(one(node, "b"), bold);
  tell(one(node, "span"), rest);
}

function breaks(s) {
  if (!complete(s)) return [gettext("When does it break?"), judging(s)];
  const { breaks_at, reached_at, rungs: all } = rungs(s);
  const last = all.length - 1;
  const goal = target(s);
  if (goal && reached_at !== null) {
    return [say(gettext("Reaches %(target)s at %(eps)s."), { target: goal.label, eps: `${reached_at}/255` }), leaves(breaks_at)];
  }
  if (goal) return [say(gettext("Never reaches %(target)s in one step."), { target: goal.label }), leaves(breaks_at)];
  if (breaks_at === null) return [say(gettext("One step changes it at no level up to %(eps)s."), { eps: `${last}/255` }), ""];
  const stays = all.slice(breaks_at).every((rung) => rung.top.index !== original(s).index);
  const words = { eps: `${last}/255` };
  return [
    say(gettext("One step changes it at %(eps)s"), { eps: `${breaks_at}/255` }),
    stays ? say(gettext("and at every level up to %(eps)s."), words) : say(gettext("but not at every level up to %(eps)s."), words),
  ];
}

function leaves(breaks_at) {
  if (breaks_at === null) return gettext("The first answer stays throughout.");
  return say(gettext("It leaves the first answer at %(eps)s."), { eps: `${breaks_at}/255` });
}

function judging(s) {
  const { status, progress } = s.ladder ?? {};
  if (status === "failed" || status === "cancelled") return gettext("The other levels were not judged.");
  if (progress?.total > 1) return say(gettext("Judging every level: %(done)s of %(total)s…"), progress);
  return attacked(s) ? gettext("Judging every level…") : gettext("Known in a moment.");
}

function noiseLine(node, s) {
  const level = levelAt(s, s.k);
  const from = original(s);
  tell(one(node, "b"), say(gettext("Random noise at %(eps)s:"), { eps: `${s.k}/255` }));
  node.dataset.outcome = "pending";
  if (s.k === 0) return tell(one(node, "span"), gettext("nothing is added at 0."));
  if (!level?.control) return tell(one(node, "span"), gettext("being judged…"));
  const { top } = level.control;
  const held = top.index === from.index;
  node.dataset.outcome = held ? "held" : "broken";
  const words = { label: top.label, probability: exactPercent(top.probability) };
  const first = say(held ? gettext("still %(label)s, %(probability)s.") : gettext("now %(label)s, %(probability)s."), words);
  return tell(one(node, "span"), `${first} ${often(s.draws[s.k])}`.trimEnd());
}

/* How often noise alone changes the answer; nothing while only one draw was judged. */
function often(drawn) {
  if (!drawn) return "";
  if (drawn.changed === 0) return say(gettext("None of %(of)s draws changes the answer."), drawn);
  return say(ngettext("%(changed)s of %(of)s draws changes the answer.", "%(changed)s of %(of)s draws change the answer.", drawn.changed), drawn);
}

/* A sample whose truth is known and missed: nothing that follows is the attack's success. */
function notes(root, s) {
  const sample = s.samples.find(({ slug }) => slug === s.sample);
  const from = original(s);
  const wrong = Boolean(sample && from) && sample.truth !== from.index;
  const node = one(root, "[data-note=wrong]");
  show(node, wrong);
  if (wrong) tell(node, say(sample.truth === null ? unknownClass() : missed(), { truth: sample.truth_label, said: from.label }));
  remark(one(root, "[data-note=gradient]"), stillPixels(s));
  remark(one(root, "[data-note=flat]"), flatWithinReach(s));
  show(one(root, "[data-note=canvas]"), s.exact === false);
}

function remark(node, text) {
  show(node, Boolean(text));
  tell(node, text);
}

/* Where the gradient is zero one step leaves the pixel as it is: beyond a quarter of them FGSM is a weak witness. */
function stillPixels(s) {
  const { zero_gradient_pixels: still, attacked_pixels: all } = attacked(s) ?? {};
  if (!still || still <= MANY_STILL * all || s.k === 0) return "";
  const words = { share: percent(still / all), eps: `${s.k}/255` };
  const level = levelAt(s, s.k);
  const noiseIsStronger = level?.control && level.control.p_original < level.p(original(s).index);
  return noiseIsStronger
    ? say(gettext("Random noise lowers the answer more than this step: the gradient is exactly zero at %(share)s of the pixels. FGSM says nothing about this network at %(eps)s; an attack of many steps may."), words)
    : say(gettext("The gradient is exactly zero at %(share)s of the pixels: one step leaves them as they are, an attack of many steps need not."), words);
}

/* From some level on, all pictures can be made the same. */
function flatWithinReach(s) {
  const from = attacked(s)?.flat_from ?? null;
  if (from === null || s.k < from) return "";
  return say(gettext("From %(eps)s on, every value of this picture can be moved to one plain grey, like that of any other: no network can tell them apart, and a changed answer says nothing about this one."), { eps: `${from}/255` });
}

const missed = () =>
  gettext("This picture shows: %(truth)s. The network says %(said)s before anything is changed, so what follows does not count as a success of the attack.");
const unknownClass = () =>
  gettext("This picture shows: %(truth)s. The network was never taught that class, so whatever it says is wrong before anything is changed, and what follows does not count as a success of the attack.");
