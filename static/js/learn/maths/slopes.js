/* Functions of one and of two numbers, their slopes, and slopes by nudging. */

/* Two valleys, the left one deeper, and a hill between them: w⁴/10 − w²/2 + w/5 + 1. */
export const curve = (w) => w ** 4 / 10 - w ** 2 / 2 + w / 5 + 1;
export const curveSlope = (w) => (4 * w ** 3) / 10 - w + 1 / 5;

/* How far the value moved, divided by how far the place did: from here to h further, or from h before to h further. */
export function nudged(f, w, h, both = false) {
  const before = both ? w - h : w;
  return (f(w + h) - f(before)) / (w + h - before);
}

/* A long valley, STEEPER times as steep across as along, lowest at (0, 0): (x² + STEEPER · y²) / 2. */
export const STEEPER = 10;
export const valley = (x, y) => (x ** 2 + STEEPER * y ** 2) / 2;
export const valleyGradient = (x, y) => [x, STEEPER * y];

/* The angle between the steepest way down the valley and the way straight to its lowest place, in degrees. */
export function astray(x, y) {
  const [across, along] = valleyGradient(x, y);
  const cosine = (across * x + along * y) / (Math.hypot(across, along) * Math.hypot(x, y));
  return (Math.acos(Math.min(1, cosine)) * 180) / Math.PI;
}
