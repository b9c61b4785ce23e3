/* A picture and eight changed forms of it, as a training draws them: of a sample, a drawing, or one's own picture. */

import { at, request, upload } from "../../lib/api.js";
import { readsExactly } from "../../lib/exact.js";
import { all, make, one, show, tell } from "../../lib/page.js";
import { prepared } from "../../lib/shrink.js";
import { percents, say } from "../../lib/words.js";
import { compute, refused, waiting } from "../compute.js";
import { EMPTY, painted } from "../digits.js";
import { base64Of, brushed } from "../maths/pixels.js";
import { drawable, writable } from "../pen.js";

const COMPUTATIONS = { digit: "augmented", photo: "augmented-photo" };
const LATER = 250; // ms after the last stroke
const MOST = 12; // of one's own pictures, newest first
const SEEDS = 1000;

/* settings: {change, side: pixels of the longer side that is kept}; which pictures there are stands in the page. */
export function start(root, { change, side }) {
  const state = { change, seed: 0, picture: null, drawing: null, asking: new AbortController() };
  let later = 0;

  const ask = () => {
    state.asking.abort();
    state.asking = new AbortController();
    draw(root, state);
    return asked(root, state, state.asking.signal);
  };
  const set = (patch) => {
    clearTimeout(later);
    Object.assign(state, patch);
    return ask();
  };
  const choose = ({ id, preparation }) => set({ picture: { id, preparation }, drawing: null, seed: 0 });
  const thumbs = () => {
    for (const thumb of all(root, "[data-picture]"))
      thumb.onclick = () => choose({ id: thumb.dataset.picture, preparation: thumb.dataset.preparation });
  };
  const brought = (pictures) => {
    for (const picture of pictures) one(root, "[data-brought]").prepend(thumbOf(picture));
    show(one(root, "[data-none]"), !one(root, "[data-brought] button"));
    thumbs();
  };

  for (const chip of all(root, "[data-change]"))
    chip.addEventListener("click", () => set({ change: chip.dataset.change, seed: 0 }));
  one(root, "[data-again]").addEventListener("click", () => set({ seed: (state.seed + 1) % SEEDS }));
  one(root, "[data-own]").addEventListener("click", () => {
    without(root);
    set({ picture: null, drawing: EMPTY, seed: 0 });
    one(root, "[data-sheet]").focus({ preventScroll: true });
  });
  one(root, "[data-file]").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    state.asking.abort();
    state.asking = new AbortController();
    const picture = await sent(root, file, side, state.asking.signal);
    if (!picture) return;
    brought([picture]);
    choose(picture);
  });
  drawable(one(root, ".before"), {
    writes: () => Boolean(state.drawing),
    mark: (places) => {
      clearTimeout(later);
      state.asking.abort(); // of the drawing as it was
      state.drawing = places.reduce((before, place) => brushed(before, ...place), state.drawing);
      draw(root, state);
    },
    lifted: () => {
      later = setTimeout(ask, LATER);
    },
  });

  request("GET", at("api/v1/images")).then(
    (pictures) =>
      brought(
        pictures
          .filter(({ preparation }) => COMPUTATIONS[preparation])
          .slice(0, MOST)
          .reverse(),
      ),
    () => {}, // without them the samples are there
  );
  thumbs();
  const [first] = all(root, "[data-picture]");
  const begun = first
    ? choose({ id: first.dataset.picture, preparation: first.dataset.preparation })
    : Promise.resolve();
  begun.then(() => {
    for (const control of all(root, "button, input")) control.disabled = false;
  });
  return { set };
}

function thumbOf({ id, preparation, thumbnail }) {
  const image = make("img", { src: thumbnail, alt: gettext("your picture"), width: 50, height: 50 });
  const data = { "data-picture": id, "data-preparation": preparation, "aria-pressed": "false" };
  return make("button", { class: "thumb", type: "button", ...data }, image);
}

/* Kept by the site as every picture that is brought; null where it was refused or left. */
async function sent(root, file, side, signal) {
  const wait = one(root, "[data-wait]");
  const onProgress = (share) =>
    tell(wait, say(gettext("Uploading: %(share)s"), { share: percents(Math.round(100 * share)) }));
  try {
    const { file: smaller, preview } = await prepared(file, side, { exact: readsExactly(), opaque: true });
    URL.revokeObjectURL(preview?.url);
    signal.throwIfAborted(); // another one was chosen meanwhile
    const picture = await upload(at("api/v1/images"), smaller, { prepare: "photo", onProgress, signal });
    tell(wait, "");
    return picture;
  } catch (error) {
    if (!signal.aborted) refused(wait, error);
    return null;
  }
}

/* Whether there are eight now; an empty sheet is nobody's picture. */
async function asked(root, { change, seed, picture, drawing }, signal) {
  const wait = one(root, "[data-wait]");
  tell(wait, "");
  if (!picture && !drawing?.some(Boolean)) return false;
  const seen = drawing ? { drawing: base64Of(drawing) } : { picture: picture.id };
  try {
    const computation = COMPUTATIONS[picture?.preparation ?? "digit"];
    const found = await compute(computation, { change, seed }, (_soFar, job) => tell(wait, waiting(job)), signal, seen);
    if (signal.aborted) return false;
    for (const [place, image] of all(root, "img[data-place]").entries()) {
      const { type, data } = found.pictures[place];
      image.src = `data:${type};base64,${data}`;
    }
    pictured(root, drawing);
    tell(wait, "");
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    refused(wait, error);
    without(root); // they are of something else
    pictured(root, drawing);
    return false;
  }
}

function without(root) {
  for (const image of all(root, "img[data-place]")) image.removeAttribute("src");
}

function draw(root, { change, picture, drawing }) {
  for (const thumb of all(root, "[data-picture]"))
    thumb.setAttribute("aria-pressed", thumb.dataset.picture === picture?.id);
  for (const chip of all(root, "[data-change]")) chip.setAttribute("aria-pressed", chip.dataset.change === change);
  one(root, "[data-own]").setAttribute("aria-pressed", Boolean(drawing));
  writable(one(root, ".before"), Boolean(drawing));
  if (drawing) painted(one(root, "[data-sheet]"), drawing);
  pictured(root, drawing);
}

/* Where there is something to see; a drawing stands on its sheet. */
function pictured(root, drawing) {
  show(one(root, "[data-sheet]"), Boolean(drawing));
  for (const [place, image] of all(root, "img[data-place]").entries())
    show(image, image.hasAttribute("src") && (place > 0 || !drawing));
}
