/* The verdict in one sentence, true at every level and for every outcome.
   webapp/lab/sentence.py tells the same cases on the server with the same words; tests/browser compares the two. */

import { counted, percent, withArticle } from "./words.js";

const UNSURE = 0.5;
const LESS_SURE = 0.05;

/* facts: {k, original, top, control, target, p_target, closest, reached_at, complete, zero_gradient}
   -> [{text, role}]; role is "", "before", "after" or "control" and decides the colour. */
export function sentence(facts) {
  return split(TEMPLATES[caseOf(facts)](facts.k), wordsOf(facts));
}

/* The name of the case; the first that holds, from the most particular to the plain. */
export function caseOf(facts) {
  if (facts.k === 0) return unsure(facts) ? "start_unsure" : "start";
  if (facts.zero_gradient) return "zero_gradient";
  if (facts.target) return targetedCase(facts);
  if (broken(facts)) return unsure(facts) ? "broken_unsure" : noiseBreaks(facts) ? "broken_noise" : "broken";
  if (unsure(facts)) return "held_unsure";
  if (noiseBreaks(facts)) return "held_noise";
  if (facts.top.probability < UNSURE) return "shaken";
  return facts.original.probability - facts.top.probability >= LESS_SURE ? "weaker" : "held";
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
const unsure = (facts) => facts.original.probability < UNSURE;
const noiseBreaks = (facts) => Boolean(facts.control) && facts.control.index !== facts.original.index;

function targetedCase(facts) {
  if (facts.top.index === facts.target.index) {
    return unsure(facts) ? "reached_unsure" : noiseBreaks(facts) ? "reached_noise" : "reached";
  }
  if (facts.complete) return facts.reached_at === null ? "unreached" : "reached_elsewhere";
  return facts.p_target === null ? "underway_unknown" : "underway";
}

function wordsOf({ k, original, top, control, target, p_target, closest, reached_at }) {
  const word = (text, role = "") => ({ text, role });
  const changed = top.index !== original.index;
  return {
    count: word(counted(k)),
    eps: word(`${k}/255`),
    from: word(withArticle(original.label), "before"),
    before: word(percent(original.probability)),
    after: word(percent(top.probability)),
    to: word(withArticle(top.label), changed ? "after" : "before"),
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
  broken_noise: (k) =>
    ngettext(
      "One grey level turns %(from)s into %(to)s; random noise that strong breaks it too.",
      "%(count)s grey levels turn %(from)s into %(to)s; random noise that strong breaks it too.",
      k,
    ),
  broken_unsure: (k) =>
    ngettext(
      "One grey level turns %(from)s into %(to)s; at %(before)s the network was not sure to begin with.",
      "%(count)s grey levels turn %(from)s into %(to)s; at %(before)s the network was not sure to begin with.",
      k,
    ),
  held: () => gettext("At %(eps)s it is still %(from)s: %(before)s before, %(after)s now."),
  weaker: () => gettext("At %(eps)s it is still %(from)s, but less sure: %(before)s became %(after)s."),
  shaken: () => gettext("At %(eps)s it is still %(from)s, but sure no more: %(before)s became %(after)s."),
  held_noise: () =>
    gettext("At %(eps)s it is still %(from)s; random noise of the same strength makes it %(noise)s."),
  held_unsure: () =>
    gettext("At %(eps)s it is still %(from)s, at %(after)s; the network was not sure to begin with."),
  reached: (k) =>
    ngettext(
      "One grey level turns %(from)s into %(target)s, the class you chose.",
      "%(count)s grey levels turn %(from)s into %(target)s, the class you chose.",
      k,
    ),
  reached_noise: (k) =>
    ngettext(
      "One grey level turns %(from)s into %(target)s, the class you chose; random noise that strong breaks it too.",
      "%(count)s grey levels turn %(from)s into %(target)s, the class you chose; random noise that strong breaks it too.",
      k,
    ),
  reached_unsure: (k) =>
    ngettext(
      "One grey level turns %(from)s into %(target)s, the class you chose; at %(before)s the network was not sure to begin with.",
      "%(count)s grey levels turn %(from)s into %(target)s, the class you chose; at %(before)s the network was not sure to begin with.",
      k,
    ),
  reached_elsewhere: () =>
    gettext("At %(eps)s the network sees %(to)s; it first sees %(target)s at %(reached_eps)s."),
  unreached: () => gettext("One step does not reach %(bare_target)s; closest: %(closest)s at %(closest_eps)s."),
  underway: () => gettext("At %(eps)s the network sees %(to)s; %(bare_target)s gets %(p_target)s."),
  underway_unknown: () =>
    gettext("At %(eps)s the network sees %(to)s; %(bare_target)s is not among its ten likeliest."),
};
