/* Polynomials through points: least squares in Legendre's basis by Householder's reflections, which lose nothing of the
   digits where powers of x would; and points drawn round a parabola. */

import { generator, normal } from "./chance.js";

/* P_0(x) to P_degree(x), for x from -1 to 1. */
export function legendre(x, degree) {
  const values = [1, x];
  for (let n = 1; n < degree; n++) values.push(((2 * n + 1) * x * values[n] - n * values[n - 1]) / (n + 1));
  return values.slice(0, degree + 1);
}

/* Coefficients of the polynomial of that degree that comes nearest to the points, squares summed. With fewer points than
   coefficients there are many such; the degree is then lowered to the last that is certain. */
export function fit(xs, ys, degree) {
  const columns = Math.min(degree, xs.length - 1) + 1;
  const rows = xs.map((x, i) => [...legendre(x, columns - 1), ys[i]]);
  for (let k = 0; k < columns; k++) reflect(rows, k, columns);
  return substitute(rows, columns);
}

export function value(coefficients, x) {
  const basis = legendre(x, coefficients.length - 1);
  return coefficients.reduce((sum, one, n) => sum + one * basis[n], 0);
}

/* Root of the mean square of what is missed, in the unit of y. */
export function error(coefficients, xs, ys) {
  const squares = xs.map((x, i) => (value(coefficients, x) - ys[i]) ** 2);
  return Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / xs.length);
}

export const parabola = (x) => 2 * x * x - 0.5;

/* Points at random places from -1 to 1, their y off the parabola by normal noise. The first n of a seed are the same
   whatever how many are drawn, and the same but for its size whatever the noise. */
export function points(count, noise, seed) {
  const uniform = generator(seed);
  const xs = [];
  const ys = [];
  for (let i = 0; i < count; i++) {
    xs.push(2 * uniform() - 1);
    ys.push(parabola(xs[i]) + noise * normal(uniform));
  }
  return { xs, ys };
}

/* Turns column k into one number on the diagonal and zeros below, and every later column along with it. */
function reflect(rows, k, columns) {
  const below = rows.slice(k);
  const length = Math.hypot(...below.map((row) => row[k]));
  if (length === 0) return;
  const head = below[0][k] > 0 ? -length : length;
  const mirror = below.map((row, i) => row[k] - (i === 0 ? head : 0));
  const scale = mirror.reduce((sum, one) => sum + one * one, 0) / 2;
  for (let column = k; column <= columns; column++) {
    const share = below.reduce((sum, row, i) => sum + mirror[i] * row[column], 0) / scale;
    for (const [i, row] of below.entries()) row[column] -= share * mirror[i];
  }
}

function substitute(rows, columns) {
  const found = new Array(columns).fill(0);
  for (let k = columns - 1; k >= 0; k--) {
    const rest = found.reduce((sum, one, n) => (n > k ? sum + rows[k][n] * one : sum), 0);
    found[k] = (rows[k][columns] - rest) / rows[k][k];
  }
  return found;
}
