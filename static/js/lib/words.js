/* Small words: articles, counts, percents, times. gettext, ngettext and interpolate come from /jsi18n/. */

import { data } from "./page.js";

const NUMBERS = {
  1: () => gettext("One"),
  2: () => gettext("Two"),
  3: () => gettext("Three"),
  4: () => gettext("Four"),
  5: () => gettext("Five"),
  6: () => gettext("Six"),
  7: () => gettext("Seven"),
  8: () => gettext("Eight"),
  9: () => gettext("Nine"),
  10: () => gettext("Ten"),
  11: () => gettext("Eleven"),
  12: () => gettext("Twelve"),
};

/* Few enough to be told in words. */
export const inWords = (k) => k in NUMBERS;

/* How many, in words up to twelve, as a sentence begins. */
export function counted(k) {
  return inWords(k) ? NUMBERS[k]() : String(k);
}

/* The class name as an English sentence wants it, held together; other languages get the name alone. */
export function withArticle(label) {
  if (!document.documentElement.lang.startsWith("en")) return label;
  const grammar = data("grammar") ?? { bare: [], a: [], an: [] };
  const low = label.toLowerCase();
  const starts = (words) => words.some((word) => low.startsWith(word));
  if (grammar.bare.includes(low)) return label;
  if (starts(grammar.a)) return `a\u00a0${label}`;
  return "aeiou".includes(low[0]) || starts(grammar.an) ? `an\u00a0${label}` : `a\u00a0${label}`;
}

/* Whole percents where they tell the truth, a decimal near the ends, never a false 0 or 100. */
export function percent(probability) {
  return atTheEnds(probability) ?? fixed(probability, probability >= 0.0995 && probability < 0.9945 ? 0 : 1);
}

/* One decimal always: for columns that the eye compares. */
export function exactPercent(probability) {
  return atTheEnds(probability) ?? fixed(probability, 1);
}

export const say = (template, words) => interpolate(template, words, true);

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
  if (probability < 0.001) return "<\u202f0.1\u202f%";
  return probability > 0.999 ? ">\u202f99.9\u202f%" : null;
}

function fixed(probability, digits) {
  return `${(probability * 100).toFixed(digits)}\u202f%`;
}
