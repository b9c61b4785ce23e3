/* Small words: percents, times, sizes. gettext, ngettext and interpolate come from /jsi18n/. */

/* Whole percents where they tell the truth, a decimal near the ends, never a false 0 or 100. */
export function percent(probability) {
  return atTheEnds(probability) ?? fixed(probability, probability >= 0.0995 && probability < 0.9945 ? 0 : 1);
}

/* One decimal always: for columns that the eye compares. */
export function exactPercent(probability) {
  return atTheEnds(probability) ?? fixed(probability, 1);
}

/* The same of what was counted, not foretold: none is 0 %, all are 100 %. */
export function countedPercent(share) {
  return share === 0 || share === 1 ? percents(100 * share) : exactPercent(share);
}

/* A number that is a percentage, with its sign. */
export const percents = (number) => say(gettext("%(number)s\u202f%"), { number });

/* What holds for one of several. */
export const saidOf = (name, said) => say(gettext("%(name)s: %(said)s"), { name, said });

/* A class with its probability, in words to be listened to. */
export const answered = (name, probability) => say(gettext("%(name)s, %(probability)s"), { name, probability });

/* A template with its words; whole numbers as they are written here: 60,000. */
export function say(template, words) {
  const written = Object.entries(words).map(([name, word]) => [name, Number.isInteger(word) ? integer(word) : word]);
  return interpolate(template, Object.fromEntries(written), true);
}

/* Sentences one after the other, as webapp/core/words.py runs them on. */
export const runOn = (...sentences) => sentences.filter(Boolean).join(gap());

/* What stands between two sentences: nothing where the punctuation brings its own space. */
export const gap = () => (document.documentElement.lang.startsWith("zh") ? "" : " ");

export function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)}\u202fkB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)}\u202fMB`;
}

export function seconds(value) {
  return `${value.toFixed(value < 10 ? 2 : 0)}\u202fs`;
}

export function integer(value) {
  return value.toLocaleString(document.documentElement.lang || "en");
}

function atTheEnds(probability) {
  if (probability < 0.001) return percents("<\u202f0.1");
  return probability > 0.999 ? percents(">\u202f99.9") : null;
}

function fixed(probability, digits) {
  return percents((probability * 100).toFixed(digits));
}
