/* The sentence and the lines around it: what was done, when it breaks, what noise does, what to be careful about. */

import { one, show, tell, tellParts } from "../lib/page.js";
import { exactPercent, percent, say } from "../lib/words.js";
import { attacked, complete, factsAt, levelAt, original, rungs, target, truthOf } from "./evidence.js";
import { plain, sentence } from "./sentence.js";

const FEW_CLASSES = 50; // any photograph shows something else, likely as not
const UNSURE = 0.5;
const ANNOUNCE_AFTER = 600;
const MANY_ZERO = 0.25; // of the pixels

export function verdict(root, store) {
  let timer = 0;
  let last = "";
  store.on((s) => {
    const parts = sentenceFor(s);
    tellParts(one(root, "[data-verdict]"), parts);
    document.title = `Gibbon · ${plain(parts)}`;
    tell(one(root, "[data-sub]"), subtitle(s));
    breaksLine(one(root, "[data-breaks]"), s);
    noiseLine(one(root, "[data-noise]"), s);
    notes(root, s);
    if (plain(parts) === last) return; // whatever else arrives must not put the announcement off
    last = plain(parts);
    tell(one(root, "[data-announce]"), ""); // what it told is of another picture or level
    clearTimeout(timer);
    timer = setTimeout(() => tell(one(root, "[data-announce]"), last), ANNOUNCE_AFTER);
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
  if (goal)
    return say(
      gettext("%(network)s · one FGSM step towards %(target)s · no value moved by more than %(k)s of 255"),
      words,
    );
  return say(
    gettext("%(network)s · one FGSM step away from what the network said · no value moved by more than %(k)s of 255"),
    words,
  );
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
    return [
      say(gettext("Reaches %(target)s at %(eps)s."), { target: goal.label, eps: `${reached_at}/255` }),
      leaves(breaks_at),
    ];
  }
  if (goal) return [say(gettext("Never reaches %(target)s in one step."), { target: goal.label }), leaves(breaks_at)];
  if (breaks_at === null)
    return [say(gettext("One step changes it at no level up to %(eps)s."), { eps: `${last}/255` }), ""];
  const right = rightAgain(s, all);
  if (right) return [say(gettext("One step changes it at %(eps)s."), { eps: `${breaks_at}/255` }), right];
  const stays = all.slice(breaks_at).every((rung) => rung.top.index !== original(s).index);
  const words = { eps: `${last}/255` };
  return [
    say(gettext("One step changes it at %(eps)s"), { eps: `${breaks_at}/255` }),
    stays
      ? say(gettext("and at every level up to %(eps)s."), words)
      : say(gettext("but not at every level up to %(eps)s."), words),
  ];
}

/* Where a picture that is wrong as it is becomes right; "" where it never does, or was right. */
function rightAgain(s, all) {
  const truth = truthOf(s);
  if (!truth || truth.index === null || truth.index === original(s).index) return "";
  const levels = all.filter((rung) => rung.top.index === truth.index).map(({ k }) => k);
  if (!levels.length) return gettext("It is right at no level.");
  const words = { count: levels.length, low: levels[0], high: `${levels.at(-1)}/255` };
  if (levels.length === 1) return say(gettext("It is right at %(high)s."), words);
  return levels.length === levels.at(-1) - levels[0] + 1
    ? say(gettext("It is right from %(low)s to %(high)s."), words)
    : say(gettext("It is right at %(count)s levels between %(low)s and %(high)s."), words);
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
  const first = say(
    held ? gettext("still %(label)s, %(probability)s.") : gettext("now %(label)s, %(probability)s."),
    words,
  );
  return tell(one(node, "span"), `${first} ${often(s.draws[s.k])}`.trimEnd());
}

/* How often noise alone changes the answer; nothing while only one draw was judged. */
function often(drawn) {
  if (!drawn) return "";
  if (drawn.changed === 0) return say(gettext("None of %(of)s draws changes the answer."), drawn);
  return say(
    ngettext(
      "%(changed)s of %(of)s draws changes the answer.",
      "%(changed)s of %(of)s draws change the answer.",
      drawn.changed,
    ),
    drawn,
  );
}

/* What the sentence has no room for. */
function notes(root, s) {
  remark(one(root, "[data-note=wrong]"), neverTaught(s));
  remark(one(root, "[data-note=closed]"), mustAnswer(s));
  remark(one(root, "[data-note=gradient]"), zeroGradientPixels(s));
  remark(one(root, "[data-note=flat]"), flatWithinReach(s));
  show(one(root, "[data-note=canvas]"), s.exact === false && !s.lost);
  show(one(root, "[data-note=lost]"), Boolean(s.lost));
}

function remark(node, text) {
  show(node, Boolean(text));
  tell(node, text);
}

/* Of a visitor's picture nobody knows whether it shows one of the classes at all. */
function mustAnswer(s) {
  const from = original(s);
  const classes = s.classifier.labels.length;
  if (!s.own || !from || (classes > FEW_CLASSES && from.probability >= UNSURE)) return "";
  const words = { count: classes, probability: percent(from.probability) };
  return say(
    gettext(
      "A network must always answer with one of its %(count)s classes, also when the picture shows none of them: %(probability)s says which of them is likeliest, not that the picture belongs to one.",
    ),
    words,
  );
}

/* Where the gradient is zero one step leaves the pixel as it is: beyond a quarter of them FGSM is a weak witness. */
function zeroGradientPixels(s) {
  const { zero_gradient_pixels: zero, attacked_pixels: all } = attacked(s) ?? {};
  if (!zero || zero <= MANY_ZERO * all || s.k === 0) return "";
  const words = { share: percent(zero / all), eps: `${s.k}/255` };
  const level = levelAt(s, s.k);
  const noiseIsStronger = level?.control && level.control.p_original < level.p(original(s).index);
  return noiseIsStronger
    ? say(
        gettext(
          "Random noise lowers the answer more than this step: the gradient is exactly zero at %(share)s of the pixels. FGSM says nothing about this network at %(eps)s; an attack of many steps may.",
        ),
        words,
      )
    : say(
        gettext(
          "The gradient is exactly zero at %(share)s of the pixels: one step leaves them as they are, an attack of many steps need not.",
        ),
        words,
      );
}

/* From some level on, all pictures can be made the same. */
function flatWithinReach(s) {
  const from = attacked(s)?.flat_from ?? null;
  if (from === null || s.k < from) return "";
  return say(
    gettext(
      "From %(eps)s on, every value of this picture can be moved to one plain grey, like that of any other: no network can tell them apart, and a changed answer says nothing about this one.",
    ),
    { eps: `${from}/255` },
  );
}

/* Whatever it says of a class that it was never taught is wrong: nothing that follows is the attack's success. */
function neverTaught(s) {
  const truth = truthOf(s);
  if (!original(s) || !truth || truth.index !== null) return "";
  return say(
    gettext(
      "This picture shows: %(truth)s. The network was never taught that class, so whatever it says is wrong before anything is changed, and what follows does not count as a success of the attack.",
    ),
    { truth: truth.label },
  );
}
