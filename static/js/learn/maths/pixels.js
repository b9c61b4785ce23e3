/* One step along the sign of a slope, pixel by pixel, in whole grey levels; and packed maps as numbers. */

const MOST = 255;

/* A slope's sign, the step ε times it, the sum before it is clamped, and the level that comes out. */
export function stepped(level, slope, epsilon) {
  const sign = Math.sign(slope) + 0; // never -0
  const step = epsilon * sign + 0;
  const sum = level + step;
  return { sign, step, sum, result: Math.min(MOST, Math.max(0, sum)) };
}

/* Every level after its step. */
export function attacked(levels, slopes, epsilon) {
  return levels.map((level, place) => stepped(level, slopes[place], epsilon).result);
}

/* A map as the course sends it: byte b stands for low + b / 255 (high - low). */
export function unpacked({ bytes, low, high }) {
  return bytesOf(bytes).map((byte) => low + (byte / MOST) * (high - low));
}

/* Bytes of base64, and base64 of bytes. */
export const bytesOf = (base64) => [...atob(base64)].map((letter) => letter.charCodeAt(0));
export const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));

/* The levels after a stroke of a brush at (x, y), in pixels: white near its middle, nothing 1.6 pixels off. */
export function brushed(levels, x, y, side = 28) {
  return levels.map((level, place) => {
    const away = Math.hypot((place % side) + 0.5 - x, Math.floor(place / side) + 0.5 - y);
    return Math.max(level, Math.round(MOST * Math.min(1, Math.max(0, 1.6 - away))));
  });
}
