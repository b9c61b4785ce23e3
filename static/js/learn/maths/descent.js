/* A line through points, found by descent: the loss of its tilt and height, and its slopes from all points or a few. */

import { generator, normal, shuffled } from "./chance.js";

/* Points round a line: x from -1 to 1, y off the line by normal noise. */
export function points({ count, tilt, height, noise, seed }) {
  const uniform = generator(seed);
  return Array.from({ length: count }, () => {
    const x = 2 * uniform() - 1;
    return { x, y: height + tilt * x + noise * normal(uniform) };
  });
}

/* Half the mean square of what the line misses. */
export function loss([tilt, height], chosen) {
  return chosen.reduce((sum, { x, y }) => sum + (height + tilt * x - y) ** 2, 0) / (2 * chosen.length);
}

/* Its slopes by the tilt and by the height. */
export function gradient([tilt, height], chosen) {
  let [byTilt, byHeight] = [0, 0];
  for (const { x, y } of chosen) {
    const missed = height + tilt * x - y;
    byTilt += missed * x;
    byHeight += missed;
  }
  return [byTilt / chosen.length, byHeight / chosen.length];
}

/* Epoch after epoch every point once, in an order drawn anew, `size` at a time: as many batches as there are steps. */
export function batches(all, { size, steps, seed }) {
  const uniform = generator(seed);
  const found = [];
  while (found.length < steps) {
    const order = shuffled(all, uniform);
    for (let from = 0; from < order.length; from += size) found.push(order.slice(from, from + size));
  }
  return found.slice(0, steps);
}

/* Every place on the way, the start first; each step looks at one batch. */
export function descend(start, rate, looked) {
  const places = [start];
  for (const batch of looked) {
    const slopes = gradient(places.at(-1), batch);
    places.push(places.at(-1).map((weight, i) => weight - rate * slopes[i]));
  }
  return places;
}

/* Where the loss is lowest, and places round it where it is higher by that much, as the corners of an ellipse. */
export function lowest(all) {
  const { x, square, y, product } = means(all);
  const tilt = (product - x * y) / (square - x * x);
  return [tilt, y - tilt * x];
}

export function contour(all, higher, corners = 72) {
  const { x, square } = means(all);
  const [tilt, height] = lowest(all);
  const [radius, long] = [Math.sqrt(2 * higher), Math.sqrt(square - x * x)];
  return Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const byTilt = (radius * Math.cos(angle)) / long;
    return [tilt + byTilt, height + radius * Math.sin(angle) - x * byTilt];
  });
}

/* Between two directions, in degrees; 0 where one of them is none. */
export function angle([a, b], [c, d]) {
  return (Math.abs(Math.atan2(a * d - b * c, a * c + b * d)) * 180) / Math.PI;
}

function means(all) {
  const mean = (of) => all.reduce((sum, point) => sum + of(point), 0) / all.length;
  return {
    x: mean(({ x }) => x),
    square: mean(({ x }) => x * x),
    y: mean(({ y }) => y),
    product: mean(({ x, y }) => x * y),
  };
}
