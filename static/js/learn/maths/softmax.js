/* From scores to numbers that add up to one, and how wrong they are. */

/* The scores' exponentials, their sum and their shares of it, each rounded to single precision, in which networks
   compute: without `shifted`, which subtracts the largest first, large scores overflow there. */
export function softmax(scores, { temperature = 1, shifted = true } = {}) {
  const scaled = scores.map((score) => Math.fround(Math.fround(score) / Math.fround(temperature)));
  const largest = shifted ? Math.max(...scaled) : 0;
  const exponentials = scaled.map((score) => Math.fround(Math.exp(Math.fround(score - largest))));
  const total = exponentials.reduce((sum, one) => Math.fround(sum + one), 0);
  return { exponentials, total, probabilities: exponentials.map((one) => Math.fround(one / total)) };
}

/* Minus the logarithm of what softmax gives the true class, without ever computing that: exact where it is tiny. */
export function crossEntropy(scores, truth) {
  const largest = Math.max(...scores);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
  return Math.log(total) + largest - scores[truth];
}

/* The place of the largest; the first of several. */
export const argmax = (numbers) => numbers.indexOf(Math.max(...numbers));
