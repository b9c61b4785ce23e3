/* A photo at the size that the server keeps: shown before it is sent, and sent instead of the file where that spares
   bytes. What the server makes of it counts; what it would refuse, or what this browser cannot read, goes as it is. */

const SHORTEST = 8; // pixels: MIN_SIDE of inference/images/header.py
const QUALITY = 0.95; // of a JPEG whose original was one

/* {file, preview}: what to send, and what to show meanwhile: {url, width, height}, or null where this browser cannot read
   the file. `side`: pixels of the longer one; `exact`: whether canvases can be trusted; `opaque`: transparency is laid on
   white, as the server does for photos. What is small enough is sent byte for byte: a saved PNG comes back as it was. */
export async function prepared(file, side, { exact, opaque }) {
  const kind = await kindOf(file);
  if (!kind) return { file, preview: null };
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const { scale, ...size } = fitted(bitmap.width, bitmap.height, side);
    if (!exact) return { file, preview: { url: URL.createObjectURL(file), ...size } };
    const blob = await encoded(reduced(bitmap, size, opaque), kind);
    const spares = scale < 1 && blob.size < file.size && Math.min(bitmap.width, bitmap.height) * scale >= SHORTEST;
    bitmap.close();
    return {
      file: spares ? new File([blob], file.name || "picture", { type: blob.type }) : file,
      preview: { url: URL.createObjectURL(blob), ...size },
    };
  } catch {
    return { file, preview: null }; // no picture for this browser; the server will say what it thinks of it
  }
}

/* The kinds that both sides read, by their first bytes: a JPEG stays one, the others go on without loss. */
async function kindOf(file) {
  const first = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  if (first.startsWith("\xff\xd8\xff")) return "image/jpeg";
  return /^(\x89PNG|RIFF[\s\S]{4}WEBP|GIF8|BM)/.test(first) ? "image/png" : null;
}

/* As fitted() of inference/images/decode.py: down, never up. */
function fitted(width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)), scale };
}

/* Halves, each the mean of four pixels, and a last step of less than two: one great step would skip pixels. */
function reduced(bitmap, { width, height }, opaque) {
  let from = bitmap;
  for (;;) {
    const halves = from.width > 2 * width && from.height > 2 * height;
    const canvas = Object.assign(document.createElement("canvas"), {
      width: halves ? Math.ceil(from.width / 2) : width,
      height: halves ? Math.ceil(from.height / 2) : height,
    });
    const context = canvas.getContext("2d", { colorSpace: "srgb" });
    context.imageSmoothingQuality = halves ? "low" : "high";
    if (opaque) fill(context, canvas);
    context.drawImage(from, 0, 0, canvas.width, canvas.height);
    if (!halves) return canvas;
    from = canvas;
  }
}

function fill(context, { width, height }) {
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
}

const encoded = (canvas, kind) =>
  new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(kind))), kind, QUALITY),
  );
