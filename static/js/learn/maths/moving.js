/* A picture turned, scaled, mirrored and shifted; its values normalised, measured and counted. */

/* Where each pixel of the changed picture comes from: two rows [a, b, c] of a map, in halves of a side.
   right, down: pixels; angle: degrees, clockwise; scale: per cent more or less; mirror: whether left becomes right. */
export function mapOf({ right, down, angle, scale, mirror }, side = 28) {
  const zoom = 1 / (1 + scale / 100);
  const turn = (angle * Math.PI) / 180;
  const [cosine, sine, flip] = [Math.cos(turn) * zoom, Math.sin(turn) * zoom, mirror ? -1 : 1];
  const away = [right, down].map((pixels) => (2 * pixels) / side);
  return [
    [flip * cosine, flip * sine],
    [-sine, cosine],
  ].map(([a, b]) => [a, b, -(a * away[0] + b * away[1])]);
}

/* The levels after such a change, whole numbers: each a mixture of the four pixels it falls between; black comes in from
   outside. */
export function moved(levels, change, side = 28) {
  const map = mapOf(change, side);
  return levels.map((_, place) => {
    const at = [place % side, Math.floor(place / side)].map((cell) => (2 * cell + 1) / side - 1);
    const [x, y] = map.map(([a, b, c]) => ((a * at[0] + b * at[1] + c + 1) * side - 1) / 2);
    return Math.round(between(levels, x, y, side));
  });
}

function between(levels, x, y, side) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [across, down] = [x - left, y - top];
  const level = (column, row) =>
    column < 0 || row < 0 || column >= side || row >= side ? 0 : levels[row * side + column];
  return (
    (1 - down) * ((1 - across) * level(left, top) + across * level(left + 1, top)) +
    down * ((1 - across) * level(left, top + 1) + across * level(left + 1, top + 1))
  );
}

/* (x - mean) / deviation, whichever two numbers are taken: 0 and 255 give 0 to 1, 127.5 twice gives -1 to 1. */
export function normalised(levels, { mean, deviation }) {
  return levels.map((level) => (level - mean) / deviation);
}

/* Mean, standard deviation, lowest and highest of some numbers. */
export function measured(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, deviation, low: Math.min(...values), high: Math.max(...values) };
}

/* How many values fall into each of so many equal bins from low to high; the last one takes high itself. */
export function histogram(values, bins, low, high) {
  const counts = Array(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))] += 1;
  return counts;
}

/* How far two pictures lie apart: the root of the mean of the squares, in levels. */
export function apart(levels, others) {
  return Math.sqrt(levels.reduce((sum, level, place) => sum + (level - others[place]) ** 2, 0) / levels.length);
}
