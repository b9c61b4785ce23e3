/* Bringing a picture: drop anywhere, paste, choose, take one with the phone, or begin with a sample. */

import { cancel, takeFile, takeSample } from "./flow.js";
import { all, one, show, tell } from "./page.js";
import { say } from "./words.js";

export function pick(root, store) {
  const take = (file) => file && takeFile(store, file);
  for (const input of all(root, "input[type=file]")) {
    input.addEventListener("change", () => {
      take(input.files[0]);
      input.value = "";
    });
  }
  dropping(root, take);
  addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  gallery(root, store);
  trouble(root, store);
}

function dropping(root, take) {
  const zone = one(root, "[data-drop]");
  const holdsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0;
  const light = (by) => {
    depth = Math.max(0, depth + by);
    zone.classList.toggle("over", depth > 0);
  };
  addEventListener("dragenter", (event) => holdsFile(event) && light(1));
  addEventListener("dragleave", (event) => holdsFile(event) && light(-1));
  addEventListener("dragover", (event) => holdsFile(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    light(-depth);
    take(event.dataTransfer.files[0]);
  });
}

/* Radio buttons with pictures: arrow keys move, as in every radio group. */
function gallery(root, store) {
  const radios = all(root, "[data-samples] input");
  for (const radio of radios) {
    radio.addEventListener("change", () => takeSample(store, store.get().samples.find(({ slug }) => slug === radio.value)));
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
  retry.addEventListener("click", () => store.get().error?.retry?.());
  stop.addEventListener("click", () => cancel(store));
  store.on((s) => {
    one(root, "[data-trouble]").classList.toggle("active", Boolean(s.busy ?? s.error));
    show(stop, Boolean(s.busy));
    show(bar, s.busy?.kind === "upload");
    if (s.busy?.kind === "upload") bar.value = s.busy.share;
    if (s.error === shown) return;
    shown = s.error;
    clearInterval(timer);
    tell(alert, s.error?.message ?? "");
    show(retry, Boolean(s.error?.retry));
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
