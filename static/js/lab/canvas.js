/* Exact pixels in the browser: decode without colour management, add k times the sign, clamp, measure. */

import { contextOf, SETTINGS } from "../lib/exact.js";
import { received, unlessSilent } from "../lib/patience.js";

/* How often the change is shown: 16 times where 32 levels are offered, less where they go further. */
export const magnification = (levels) => Math.max(1, Math.floor(512 / levels));

/* The picture's bytes as ImageData; PNG in, the same 8-bit values out. Fails after `silence` ms without a byte more. */
export async function decode(url, { silence, cache }) {
  const bitmap = await unlessSilent(silence, async (signal, heard) => {
    const response = await fetch(url, { signal, cache });
    heard();
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return createImageBitmap(await received(response, heard), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  });
  const context = contextOf(bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}

/* The change that a PNG shows as 128 + times * change: one Int8 per byte, alpha zero. */
export function changeOf(image, times) {
  const change = new Int8Array(image.data.length);
  for (let i = 0; i < change.length; i += 1) {
    if ((i & 3) !== 3) change[i] = Math.round((image.data[i] - 128) / times);
  }
  return change;
}

/* clamp(x + k s): Uint8ClampedArray clamps, and integers make it exact. */
export function addSigns(image, signs, k) {
  const out = new ImageData(image.width, image.height);
  for (let i = 0; i < signs.length; i += 1) out.data[i] = image.data[i] + k * signs[i];
  return out;
}

/* The perturbation at a fixed scale: zero is mid-grey, one level is `times` levels of grey. */
export function magnified(width, height, signs, { k, times }) {
  const out = new ImageData(width, height);
  for (let i = 0; i < signs.length; i += 1) out.data[i] = (i & 3) === 3 ? 255 : 128 + times * k * signs[i];
  return out;
}

/* The change from one picture to another, magnified as far as it fits around mid-grey. */
export function difference(before, after) {
  const out = new ImageData(before.width, before.height);
  let largest = 1;
  for (let i = 0; i < before.data.length; i += 1) largest = Math.max(largest, Math.abs(after.data[i] - before.data[i]));
  const times = Math.max(1, Math.floor(127 / largest));
  for (let i = 0; i < before.data.length; i += 1)
    out.data[i] = (i & 3) === 3 ? 255 : 128 + times * (after.data[i] - before.data[i]);
  return out;
}

/* L-infinity in levels, L2 in pixel units (values 0 to 1), pixels changed: all of the 8-bit pictures themselves.
   grey: one value a pixel, which a canvas holds three times. */
export function measure(before, after, { grey }) {
  let linf = 0;
  let squares = 0;
  let changed = 0;
  for (let i = 0; i < before.data.length; i += 4) {
    const r = Math.abs(after.data[i] - before.data[i]);
    const g = Math.abs(after.data[i + 1] - before.data[i + 1]);
    const b = Math.abs(after.data[i + 2] - before.data[i + 2]);
    linf = Math.max(linf, r, g, b);
    squares += r * r + g * g + b * b;
    if (r || g || b) changed += 1;
  }
  return { linf, l2: Math.sqrt(grey ? squares / 3 : squares) / 255, changed };
}

export function paint(canvas, image) {
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext("2d", SETTINGS).putImageData(image, 0, 0);
}

/* The centred square that the network sees: classifier.square() of inference/networks/classifier.py. */
export function seenSquare(width, height) {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), side };
}
