/* The verdict in one sentence, true at every level and for every outcome.
   webapp/lab/sentence.py tells the same cases on the server with the same words; tests/browser compares the two. */

import { counted, inWords, percent, withArticle } from "../lib/words.js";

const UNSURE = 0.5;
const LESS_SURE = 0.05;

/* facts: {k, original, top, control, target, p_target, closest, reached_at, complete, zero_gradient}
   -> [{text, role}]; role is "", "before", "after" or "control" and decides the colour. */
export function sentence(facts) {
  const told = [caseOf(facts), ...remarks(facts)].map((name) => TEMPLATES[name](facts.k));
  return split(told.join(" "), wordsOf(facts));
}

/* The name of the case; the first that holds, from the most particular to the plain. */
export function caseOf(facts) {
  if (facts.k === 0) return unsure(facts) ? "start_unsure" : "start";
  if (facts.zero_gradient) return "zero_gradient";
  if (facts.target) return targetedCase(facts);
  if (broken(facts) && wrong(facts)) return righted(facts) ? "righted" : "broken_wrong";
  if (broken(facts)) return inWords(facts.k) ? "broken" : "broken_far";
  if (unsure(facts)) return "held_unsure";
  if (facts.top.probability < UNSURE) return "shaken";
  return facts.original.probability - facts.top.probability >= LESS_SURE ? "weaker" : "held";
}

/* What must be said beside the case: the truth that was missed, that noise does it too, how little was to break. */
function remarks(facts) {
  const name = caseOf(facts);
  const missed = wrong(facts) && name !== "righted" ? ["missed"] : [];
  if (SAY_ALL.includes(name)) return missed;
  const isBroken = BROKEN.includes(name);
  const said = {
    noise_too: isBroken && noiseBreaks(facts),
    noise_alone: !isBroken && !facts.target && noiseBreaks(facts),
    unsure: unsure(facts) && (isBroken || name === "held_unsure"),
  };
  return [...missed, ...Object.keys(said).filter((remark) => said[remark])];
}

/* The template with its %(name)s filled in, cut where a role begins or ends. */
export function split(template, words) {
  return template
    .split(/%\((\w+)\)s/)
    .map((piece, i) => (i % 2 ? words[piece] : { text: piece, role: "" }))
    .filter((part) => part.text);
}

export const plain = (parts) => parts.map((part) => part.text).join("");

const broken = (facts) => facts.top.index !== facts.original.index;
const wrong = ({ truth, original }) => Boolean(truth) && truth.index !== original.index;
const righted = (facts) => wrong(facts) && facts.truth.index === facts.top.index;
const unsure = (facts) => facts.original.probability < UNSURE;
const noiseBreaks = (facts) => Boolean(facts.control) && facts.control.index !== facts.original.index;

function targetedCase(facts) {
  if (facts.top.index === facts.target.index) {
    return inWords(facts.k) ? "reached" : "reached_far";
  }
  if (facts.complete) return facts.reached_at === null ? "unreached" : "reached_elsewhere";
  return facts.p_target === null ? "underway_unknown" : "underway";
}

function wordsOf({ k, original, top, control, target, p_target, closest, reached_at, truth }) {
  const word = (text, role = "") => ({ text, role });
  const changed = top.index !== original.index;
  return {
    count: word(counted(k)),
    eps: word(`${k}/255`),
    from: word(withArticle(original.label), "before"),
    before: word(percent(original.probability)),
    after: word(percent(top.probability)),
    to: word(withArticle(top.label), changed ? "after" : "before"),
    bare_from: word(original.label, "before"),
    bare_to: word(top.label, changed ? "after" : "before"),
    truth: truth && word(withArticle(truth.label)),
    noise: control && word(withArticle(control.label), "control"),
    target: target && word(withArticle(target.label), "after"),
    bare_target: target && word(target.label, "after"),
    p_target: target && word(percent(p_target ?? 0)),
    closest: closest && word(percent(closest.probability)),
    closest_eps: closest && word(`${closest.k}/255`),
    reached_eps: word(`${reached_at}/255`),
  };
}

const TEMPLATES = {
  start: () => gettext("With nothing added, the network sees %(from)s: %(before)s."),
  start_unsure: () =>
    gettext("With nothing added, the network’s best guess is %(from)s, at %(before)s: it was not sure to begin with."),
  zero_gradient: () =>
    gettext(
      "The gradient is zero everywhere in this picture, so one step changes nothing. The attack is blind here; that does not make the network strong.",
    ),
  broken: (k) =>
    ngettext("One grey level turns %(from)s into %(to)s.", "%(count)s grey levels turn %(from)s into %(to)s.", k),
  broken_far: () =>
    gettext("A change of at most %(eps)s in every value makes the network say %(bare_to)s instead of %(bare_from)s."),
  held: () => gettext("At %(eps)s it is still %(from)s: %(before)s before, %(after)s now."),
  weaker: () => gettext("At %(eps)s it is still %(from)s, but less sure: %(before)s became %(after)s."),
  shaken: () => gettext("At %(eps)s it is still %(from)s, but sure no more: %(before)s became %(after)s."),
  held_unsure: () => gettext("At %(eps)s it is still %(from)s, at %(after)s."),
  reached: (k) =>
    ngettext(
      "One grey level turns %(from)s into %(target)s, the class you chose.",
      "%(count)s grey levels turn %(from)s into %(target)s, the class you chose.",
      k,
    ),
  reached_far: () =>
    gettext("A change of at most %(eps)s in every value makes the network say %(bare_target)s, the class you chose."),
  reached_elsewhere: () => gettext("At %(eps)s the network sees %(to)s; it first sees %(target)s at %(reached_eps)s."),
  unreached: () => gettext("One step does not reach %(bare_target)s; closest: %(closest)s at %(closest_eps)s."),
  underway: () => gettext("At %(eps)s the network sees %(to)s; %(bare_target)s gets %(p_target)s."),
  underway_unknown: () =>
    gettext("At %(eps)s the network sees %(to)s; %(bare_target)s is not among its ten likeliest."),
  broken_wrong: () => gettext("At %(eps)s the network changes its answer from %(from)s to %(to)s."),
  righted: () => gettext("At %(eps)s the network says %(to)s, which is right; before, it said %(from)s."),
  missed: () => gettext("The picture shows %(truth)s: the answer was wrong before anything was changed."),
  noise_too: () => gettext("One draw of random noise as strong changes the answer too."),
  noise_alone: () => gettext("One draw of random noise as strong makes it %(noise)s."),
  unsure: () => gettext("At %(before)s the network was not sure to begin with."),
};
const BROKEN = ["broken", "broken_far", "broken_wrong", "righted", "reached", "reached_far"];
const SAY_ALL = ["start", "start_unsure", "zero_gradient"]; // nothing is added, or nothing is moved
