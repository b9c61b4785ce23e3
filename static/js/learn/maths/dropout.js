/* A sum from whose parts some stay away by chance (arXiv 1207.0580), as a layer's outputs do that feed one unit. */

import { generator } from "./chance.js";

/* What is left of the sum of `values` where only those that are `present` (true or false, one for each) take part;
   scaled: divided by 1 − p, by which as much is to be expected as from all of them. */
export function left(values, present, p, scaled) {
  const sum = values.reduce((sofar, value, place) => sofar + (present[place] ? value : 0), 0);
  return scaled ? sum / (1 - p) : sum;
}

/* So many draws: of each who is present, every one with probability 1 − p. The first n of a seed are the same however
   many are drawn, and who is present for some p is so for every smaller one. */
export function draws(count, units, p, seed) {
  const uniform = generator(seed);
  return Array.from({ length: count }, () => Array.from({ length: units }, () => uniform() >= p));
}

/* By how much one draw differs from the mean of many, as a rule: the standard deviation. */
export function spread(values, p, scaled) {
  const squares = values.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(p * (1 - p) * squares) / (scaled ? 1 - p : 1);
}
