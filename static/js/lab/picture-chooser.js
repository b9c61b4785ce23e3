/* Bringing a picture: drop anywhere, paste, choose, take one with the phone, or begin with a sample. */

import { readable } from "../lib/api.js";
import { all, offer, one, show, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { cancel, takeFile, takeSample } from "./flow.js";

/* Where text is typed: pasting and dropping there is the field's own business. */
const FIELD =
  "textarea, [contenteditable], input:not([type=radio], [type=range], [type=checkbox], [type=file], [type=submit], [type=button])";

export function pictureChooser(root, store) {
  const note = (notice) => store.set({ notice, error: null });
  const take = async (files) => {
    const [file] = files;
    if (!file) return;
    if (!(await readable(file)))
      return note(gettext("This file cannot be read. Perhaps it was moved, or it is not a file."));
    takeFile(store, file);
    comeIntoSight(one(root, "[data-verdict]"));
    store.set({
      notice: files.length > 1 ? gettext("Gibbon takes one picture at a time; the first one was taken.") : null,
    });
  };
  for (const input of all(root, "input[type=file]")) {
    input.addEventListener("change", () => {
      take([...input.files]);
      input.value = "";
    });
  }
  dropping(root, take, note);
  pasting(take, note);
  gallery(root, store);
  trouble(root, store);
}

/* Whoever brings a picture from further down the page is led to where its result will stand. */
function comeIntoSight(heading) {
  const { top, bottom } = heading.getBoundingClientRect();
  if (top >= 0 && bottom <= innerHeight) return;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({
    block: "start",
    behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  });
}

/* Office programs put a picture of the text beside the text: then the text is what was copied. */
function pasting(take, note) {
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || document.activeElement?.matches(FIELD)) return;
    event.preventDefault();
    if (event.clipboardData.types.includes("text/plain"))
      note(gettext("The clipboard holds text beside the picture, so nothing was taken. Choose the picture as a file."));
    else take(files);
  });
}

function dropping(root, take, note) {
  const zone = one(root, "[data-drop]");
  const holdsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const ours = (event) => holdsFile(event) || !event.target.closest?.(FIELD);
  let depth = 0;
  const light = (by) => {
    depth = Math.max(0, depth + by);
    zone.classList.toggle("over", depth > 0);
  };
  addEventListener("dragenter", (event) => holdsFile(event) && light(1));
  addEventListener("dragleave", (event) => holdsFile(event) && light(-1));
  addEventListener("dragover", (event) => ours(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!ours(event)) return;
    event.preventDefault();
    light(-depth);
    const files = [...(event.dataTransfer?.files ?? [])];
    const kept = withoutFolders(event.dataTransfer, files);
    if (kept.length) take(kept);
    else
      note(
        files.length
          ? gettext("A folder cannot be taken. Drop one picture.")
          : gettext("There is no file in what you dropped. Drop a picture from this device."),
      );
  });
}

/* A dropped folder looks like a file; only its entry tells. Items that are no files have no place in the list. */
function withoutFolders({ items }, files) {
  const entries = [...(items ?? [])].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.());
  return files.filter((_, i) => !entries[i]?.isDirectory);
}

/* Radio buttons with pictures: arrow keys move, as in every radio group. */
function gallery(root, store) {
  const radios = all(root, "[data-samples] input");
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      store.set({ notice: null });
      takeSample(
        store,
        store.get().samples.find(({ slug }) => slug === radio.value),
      );
    });
  }
  store.on((s) => {
    for (const radio of radios) radio.checked = radio.value === s.sample;
  });
}

/* What went wrong, in place, and the way on: try again now, or by itself when the server said when. */
function trouble(root, store) {
  const alert = one(root, "[data-error]");
  const retry = one(root, "[data-retry]");
  const stop = one(root, "[data-cancel]");
  const bar = one(root, "[data-progress]");
  let timer = 0;
  let shown = null;
  const heading = one(root, "[data-verdict]");
  for (const [button, act] of [
    [retry, () => store.get().error?.retry?.()],
    [stop, () => cancel(store)],
  ])
    button.addEventListener("click", () => {
      heading.focus({ preventScroll: true }); // the button goes, and what comes is told here
      act();
    });
  store.on((s) => {
    one(root, "[data-trouble]").classList.toggle("active", Boolean(s.busy ?? s.error ?? s.notice));
    offer(stop, Boolean(s.busy), heading);
    const share = s.busy?.share ?? null;
    show(bar, share !== null);
    if (share !== null) bar.value = share;
    tell(alert, s.error?.message ?? s.notice ?? "");
    if (s.error === shown) return;
    shown = s.error;
    clearInterval(timer);
    offer(retry, Boolean(s.error?.retry), heading);
    tell(retry, gettext("Try again"));
    if (s.error?.retry && s.error.retryAfter) timer = countDown(retry, s.error);
  });
}

function countDown(button, { retry, retryAfter }) {
  let left = Math.ceil(retryAfter);
  const tick = () => tell(button, say(gettext("Try again (by itself in %(left)s s)"), { left }));
  tick();
  const timer = setInterval(() => {
    left -= 1;
    tick();
    if (left > 0) return;
    clearInterval(timer);
    retry();
  }, 1000);
  return timer;
}
