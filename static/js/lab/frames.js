/* The three pictures of the equation, drawn from exact pixels; where a browser hides those, the server's own. */

import { api } from "../lib/api.js";
import { readsExactly } from "../lib/exact.js";
import { follow } from "../lib/live.js";
import { all, make, one, show, tell } from "../lib/page.js";
import { onceMore } from "../lib/patience.js";
import { say } from "../lib/words.js";
import {
  addSigns,
  changeOf,
  decode,
  difference,
  magnification,
  magnified,
  measure,
  paint,
  seenSquare,
} from "./canvas.js";
import { attacked, changeUrl, distancesAt, fileAt, ownLevel, swept } from "./evidence.js";

const SILENCE = 10_000; // no byte for so long, and the request is given up
const SERVER_AFTER = 350; // without exact canvases: how long the slider rests before the server is asked for a level

export function frames(root, store) {
  const views = Object.fromEntries(["x", "s", "a"].map((name) => [name, frameOf(root, name)]));
  const drawn = { key: "", pixels: null, signs: null, level: null };
  const heldOriginal = make("img", { class: "held-original", alt: "" });
  views.a.canvas.after(heldOriginal);
  store.set({ exact: readsExactly() });
  store.on((s) => {
    if (s.lost && s.lost !== keyOf(s)) store.set({ exact: true, lost: "" }); // another picture may well arrive
    root.dataset.exact = s.exact ? "yes" : "no";
    if (s.picture && heldOriginal.getAttribute("src") !== s.picture.url) heldOriginal.src = s.picture.url;
    shape(views, s.preview ?? s.picture);
    sourceOf(store, views, s);
    loadPixels(store, drawn, s);
    if (s.exact && (swept(s) || (changeUrl(s) && s.k === ownLevel(s)))) drawLevel(store, views, drawn, s);
    else if (swept(s)) serverLevel(store, views, s);
    else savedPictures(views, drawn, s);
    captions(views, s);
  });
  addEventListener(
    "contextmenu",
    (event) => event.target.closest(".frame") && matchMedia("(pointer: coarse)").matches && event.preventDefault(),
  );
}

function frameOf(root, name) {
  const figure = one(root, `figure[data-frame=${name}]`);
  return {
    figure,
    image: one(figure, "[data-picture]"),
    placeholder: one(figure, ".placeholder"),
    canvas: one(figure, "canvas"),
    overlay: one(figure, "svg"),
    scale: one(figure, "[data-caption]"),
  };
}

/* Every frame takes the picture's proportions before its pixels are there. */
function shape(views, size) {
  if (!size) return;
  const { width, height } = size;
  const seen = seenSquare(width, height);
  for (const { image, canvas, overlay, figure } of Object.values(views)) {
    if (overlay.getAttribute("viewBox") === `0 0 ${width} ${height}`) continue;
    figure.style.setProperty("--ratio", `${width} / ${height}`);
    Object.assign(image, { width, height });
    canvas.width = width;
    canvas.height = height;
    overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
    one(overlay, "[data-dim]").setAttribute("d", dimmed(width, height, seen));
    const square = one(overlay, "[data-seen]");
    for (const [key, value] of Object.entries({ x: seen.left, y: seen.top, width: seen.side, height: seen.side }))
      square.setAttribute(key, value);
  }
}

const dimmed = (width, height, { left, top, side }) =>
  `M0 0H${width}V${height}H0Z M${left} ${top}v${side}h${side}v${-side}Z`;

function sourceOf(store, views, s) {
  const url = s.preview?.url ?? s.picture?.url;
  const small = s.preview?.url ?? s.picture?.thumbnail;
  if (url && views.x.image.getAttribute("src") !== url) load(views.x.image, url);
  for (const { placeholder } of [views.x, views.a])
    if (small && placeholder.getAttribute("src") !== small) placeholder.src = small;
  views.x.figure.classList.toggle("unjudged", s.busy?.kind === "upload" || (Boolean(s.preview) && !attacked(s)));
  views.x.figure.classList.toggle("previewed", Boolean(s.preview));
  if (s.preview && s.preview.of === s.picture?.id) replacePreview(store, s.preview, s.picture);
  const waiting = !attacked(s) || s.busy?.kind === "upload";
  views.a.figure.classList.toggle("waiting", waiting);
  views.s.figure.classList.toggle("waiting", waiting);
}

/* Hidden until it is there: what stood in the frame is another picture, and the small one stands in. */
function load(image, url) {
  image.classList.add("coming");
  image.addEventListener("load", () => image.classList.remove("coming"), { once: true });
  image.src = url;
}

/* The server's picture is what counts: once it is here it takes the preview's place. */
async function replacePreview(store, preview, picture) {
  if (preview.replaced) return;
  preview.replaced = true;
  const image = new Image();
  image.src = picture.url;
  await image.decode().catch(() => {}); // then the frame says what went wrong
  if (store.get().preview === preview) store.set({ preview: null });
  URL.revokeObjectURL(preview.url);
}

/* What has to arrive for the exact pixels. */
const keyOf = (s) => (s.picture ? `${s.picture.url} ${changeUrl(s) ?? attacked(s)?.adversarial.image_url ?? ""}` : "");

/* Decodes picture and change once for each attack; a later visit overtakes an earlier one. */
async function loadPixels(store, drawn, s) {
  const url = changeUrl(s);
  const times = swept(s) ? 127 : fitting(attacked(s)?.distances.linf_levels);
  const key = s.exact ? keyOf(s) : "";
  if (key === drawn.key) return;
  const samePicture = drawn.pixels && drawn.key.split(" ")[0] === s.picture?.url;
  Object.assign(drawn, { key, signs: null, level: null, pixels: samePicture ? drawn.pixels : null });
  if (s.file) store.set({ file: null });
  if (!key) return;
  try {
    const file = url || !attacked(s) ? null : attacked(s).adversarial.image_url;
    const [pixels, change, saved] = await Promise.all([
      drawn.pixels ?? patiently(s.picture.url),
      url ? patiently(url) : null,
      file ? patiently(file).catch(() => null) : null, // only the chosen pixel's numbers need it
    ]);
    if (drawn.key !== key) return;
    Object.assign(drawn, { pixels, signs: change && changeOf(change, times) });
    store.set({
      pixels,
      signs: drawn.signs,
      file: swept(s) ? null : drawn.signs ? addSigns(pixels, drawn.signs, 1) : saved,
    });
  } catch {
    if (drawn.key === key) store.set({ exact: false, lost: key });
  }
}

/* Asked for again more patiently, and not from the browser's cache, which may be what holds the first request up. */
const patiently = (url) =>
  onceMore((again) =>
    decode(url, again ? { silence: 2 * SILENCE, cache: "reload" } : { silence: SILENCE, cache: "default" }),
  );

/* x, k s and clamp(x + k s), painted when the level changed; an attack that is no ray has its change once. */
function drawLevel(store, views, drawn, s) {
  const k = swept(s) ? s.k : 1;
  const ready = drawn.pixels && drawn.signs && attacked(s) && s.busy?.kind !== "upload";
  for (const name of ["s", "a"]) show(views[name].canvas, ready);
  show(views.a.image, !ready);
  show(views.s.image, !ready);
  if (!ready || drawn.level === k) return;
  drawn.level = k;
  const { pixels, signs } = drawn;
  const changed = addSigns(pixels, signs, k);
  paint(views.a.canvas, changed);
  paint(views.s.canvas, magnified(pixels.width, pixels.height, signs, { k, times: shownTimes(s) }));
  store.set({ changed, measured: measure(pixels, changed, { grey: s.classifier.grey }) });
}

/* How often a change is shown larger: along a ray always the same, else as far as it fits, as the server draws it. */
function shownTimes(s) {
  const saved = distancesAt(s, s.k);
  if (swept(s) || !saved) return magnification(s.classifier.levels);
  return fitting(saved.linf_levels);
}

const fitting = (levels) => Math.max(1, Math.floor(127 / Math.max(1, levels)));

/* Where the canvas cannot be trusted, or its pixels did not come: the picture that the server saved at this level. */
let asked = 0;
function serverLevel(store, views, s) {
  const result = attacked(s);
  if (!result) return;
  const url =
    s.k === 0
      ? s.picture.url
      : s.k === s.params.epsilon
        ? result.adversarial.image_url
        : s.saved[s.k]?.result?.image_url;
  showFiles(views, url, result.sign_url);
  clearTimeout(asked);
  if (!url && !s.readonly && !s.saved[s.k]) asked = setTimeout(() => askLevel(store, s.attack.id, s.k), SERVER_AFTER);
}

/* An attack without a map of signs: what it made, and its change as the server drew it. Of another budget that a search
   has tried the change is drawn here. */
function savedPictures(views, drawn, s) {
  const own = s.k === ownLevel(s);
  const file = s.k === 0 ? s.picture?.url : fileAt(s, s.k)?.image_url;
  showFiles(views, file, attacked(s)?.perturbation_url);
  show(views.s.image, own);
  if (own) drawn.file = null;
  else if (file && drawn.pixels) drawChange(views.s, drawn, file);
}

async function drawChange(view, drawn, file) {
  if (drawn.file !== file) {
    Object.assign(drawn, { file, level: null });
    const changed = await patiently(file).catch(() => null); // then there is no change to show
    if (drawn.file !== file || !changed) return;
    paint(view.canvas, difference(drawn.pixels, changed));
  }
  show(view.canvas, true);
}

function showFiles(views, attackedUrl, changeUrl) {
  for (const [view, source] of [
    [views.a, attackedUrl],
    [views.s, changeUrl],
  ]) {
    show(view.canvas, false);
    show(view.image, true);
    if (source && view.image.getAttribute("src") !== source) view.image.src = source;
  }
}

/* Saves one level on the server and keeps its job in `saved`. */
export async function askLevel(store, attackId, k) {
  const keep = (job) => store.get().attack?.id === attackId && store.set({ saved: { ...store.get().saved, [k]: job } });
  try {
    const job = await api.point(attackId, k);
    keep(job);
    follow(job.id, keep, () => keep(undefined));
  } catch (error) {
    keep({ status: "failed", error: { message: error.message } });
  }
}

function captions(views, s) {
  const size = s.preview ?? s.picture;
  for (const formula of all(views.s.figure, "[data-formula]"))
    show(formula, swept(s) === (formula.dataset.formula === "ray"));
  if (size) tell(views.x.scale, `${size.width} × ${size.height}`);
  if (swept(s) && !s.exact) return tell(views.s.scale, gettext("signs only: black −1, white +1"));
  const times = shownTimes(s);
  const clipped = swept(s) && times * s.k > 127;
  const words = { times };
  return tell(
    views.s.scale,
    clipped ? say(gettext("shown × %(times)s, cut off"), words) : say(gettext("shown × %(times)s"), words),
  );
}

/* Press and hold on the changed picture, or hold the button: the original shows through. */
export function compare(root, store) {
  const frame = one(root, "figure[data-frame=a] .frame");
  const button = one(root, "[data-hold]");
  let timer = 0;
  const peek = (on) => {
    clearTimeout(timer);
    root.classList.toggle("peek", on);
    button.setAttribute("aria-pressed", String(on));
  };
  frame.addEventListener("pointerdown", () => {
    timer = setTimeout(() => peek(true), 180);
  });
  button.addEventListener("pointerdown", () => peek(true));
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, () => peek(false));
  button.addEventListener("keydown", (event) => {
    if (![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    peek(true);
  });
  button.addEventListener("keyup", () => peek(false));
  for (const view of all(root, "[data-view]")) view.addEventListener("click", () => choose(root, view.dataset.view));
  store.on((s) => show(button, Boolean(attacked(s))));
}

function choose(root, name) {
  one(root, ".equation").dataset.show = name;
  for (const view of all(root, "[data-view]")) view.setAttribute("aria-pressed", String(view.dataset.view === name));
}
