/* What counts tell of the shares that they were drawn from. */

const Z = 1.959964; // of the normal distribution: intervals are of 95 %

/* Wilson's interval for a share, so many of n: [lowest, highest]; at the ends without rounding (Wilson 1927). */
export function wilson(count, n) {
  const share = count / n;
  const centre = share + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  const [low, high] = [centre - half, centre + half].map((bound) => bound / (1 + Z ** 2 / n));
  return [count === 0 ? 0 : low, count === n ? 1 : high];
}

/* The mean of the last so many, of all where there are fewer. */
export function meanOfLast(values, count) {
  const last = values.slice(-count);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}
