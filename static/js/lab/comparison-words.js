/* Two networks under the same attack: when each breaks, in one sentence, and what must be said beside it. */

import { say } from "../lib/words.js";

const PIECES = /%\((\w+)\)s/;

/* Two runs are {name, role, sweep, from}: the network, its part in the chart, its sweep and what it said at first. */

/* Parts of the sentence, with the roles that colour them: the one that breaks first is named first. */
export function comparisonSentence(mine, theirs) {
  const [weak, strong] = breaking(mine) <= breaking(theirs) ? [mine, theirs] : [theirs, mine];
  const words = {
    weak: { text: weak.name, role: weak.role },
    strong: { text: strong.name, role: strong.role },
    at: { text: `${weak.sweep.breaks_at}/255`, role: "" },
    later: { text: `${strong.sweep.breaks_at}/255`, role: "" },
    last: { text: `${lastLevel(strong)}/255`, role: "" },
  };
  return template(weak.sweep.breaks_at, strong.sweep.breaks_at)
    .split(PIECES)
    .map((piece, i) => (i % 2 ? words[piece] : { text: piece, role: "" }))
    .filter(({ text }) => text);
}

/* What makes the comparison less than fair, or "": they did not agree before anything was changed, or were wrong. */
export function caveat(mine, theirs, sample) {
  const words = {
    truth: sample?.truth_label,
    mine: mine.name,
    theirs: theirs.name,
    said: mine.from.label,
    other: theirs.from.label,
  };
  const wrong = [mine, theirs].filter(({ from }) => sample && from.index !== sample.truth);
  if (wrong.length === 2)
    return say(
      gettext(
        "This picture shows: %(truth)s. Both networks are wrong before anything is changed, so neither is broken here.",
      ),
      words,
    );
  if (wrong.length === 1)
    return say(
      gettext(
        "This picture shows: %(truth)s. %(name)s says %(label)s before anything is changed, so it is not the attack that breaks it.",
      ),
      { ...words, name: wrong[0].name, label: wrong[0].from.label },
    );
  if (mine.from.index !== theirs.from.index)
    return say(
      gettext(
        "They do not agree to begin with: %(mine)s says %(said)s, %(theirs)s says %(other)s. Each curve follows what its own network said.",
      ),
      words,
    );
  return "";
}

const breaking = ({ sweep }) => sweep.breaks_at ?? Infinity;
const lastLevel = ({ sweep }) => sweep.points.length - 1;

function template(first, second) {
  if (first === null)
    return gettext("One step changes the answer of neither %(weak)s nor %(strong)s at any level up to %(last)s.");
  if (second === null)
    return gettext("One step changes the answer of %(weak)s at %(at)s, that of %(strong)s at no level up to %(last)s.");
  if (first === second) return gettext("One step changes the answers of %(weak)s and %(strong)s at %(at)s.");
  return gettext("One step changes the answer of %(weak)s at %(at)s, that of %(strong)s not before %(later)s.");
}
