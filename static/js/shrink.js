/* The visitor's file before it is sent: painted at once, and made as small as the server would keep it. */

const QUALITY = 0.92;

/* {file, preview}: what to send, and what to show meanwhile: {url, width, height}, or null where this browser cannot
   read the file. Upright and in sRGB, as the server would have it; transparency is kept. What is small enough already is
   sent byte for byte, so that a saved PNG comes back as it was; what cannot be read here is the server's to judge. */
export async function prepared(file, side) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { file, preview: null };
  }
  const { width, height } = bitmap;
  const preview = { url: URL.createObjectURL(file), width, height };
  const scale = side / Math.max(width, height);
  const smaller = scale < 1 ? await resized(bitmap, scale, file.type) : null;
  bitmap.close();
  return { file: smaller && smaller.size < file.size ? new File([smaller], file.name || "picture", { type: smaller.type }) : file, preview };
}

/* A blob, or null where the browser has no such encoder or no memory for the canvas. */
async function resized(bitmap, scale, type) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, type === "image/jpeg" ? type : "image/webp", QUALITY));
}
