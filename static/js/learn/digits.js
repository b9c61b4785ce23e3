/* Digits as 784 grey levels: read from a picture, painted on a canvas. */

export const SIDE = 28;
export const EMPTY = Array(SIDE * SIDE).fill(0);

/* The 784 grey levels of a PNG. */
export async function levelsOf(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const context = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return EMPTY.map((_, place) => data[4 * place]);
}

/* Grey levels row by row on a canvas, which takes their size; null is left clear. */
export function painted(canvas, levels, width = SIDE) {
  const height = levels.length / width;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (const [place, level] of levels.entries())
    if (level !== null) image.data.set([level, level, level, 255], 4 * place);
  context.putImageData(image, 0, 0);
}
