/* Canvases whose pixels are read again, byte for byte, where the browser lets scripts do so. */

export const SETTINGS = { willReadFrequently: true, colorSpace: "srgb", alpha: true };

export function contextOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext("2d", SETTINGS);
}

/* Some browsers change what scripts read from a canvas, against fingerprinting. Written pixels tell. */
export function readsExactly() {
  const side = 128;
  const context = contextOf(side, side);
  const image = context.createImageData(side, side);
  for (let i = 0; i < image.data.length; i += 1) image.data[i] = (i & 3) === 3 ? 255 : (i * 37 + (i >> 9) * 11) & 255;
  context.putImageData(image, 0, 0);
  const read = context.getImageData(0, 0, side, side).data;
  return image.data.every((value, i) => value === read[i]);
}
