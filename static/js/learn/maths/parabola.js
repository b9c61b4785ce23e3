/* Descent with momentum on a parabola, ½ λ x²: what a learning rate does where everything can be reckoned. */

/* Every place, the start first: v ← βv + λx, x ← x − ηv, as torch's SGD has it. */
export function descend(start, { rate, momentum = 0, curvature, steps }) {
  const places = [start];
  let [x, v] = [start, 0];
  for (let step = 0; step < steps; step += 1) {
    v = momentum * v + curvature * x;
    x -= rate * v;
    places.push(x);
  }
  return places;
}

/* How often it has passed the bottom. */
export function crossings(places) {
  return places.slice(1).filter((x, i) => x * places[i] < 0).length;
}

/* Beyond this rate every step leads further away than the last. */
export const edge = (curvature, momentum = 0) => (2 * (1 + momentum)) / curvature;
