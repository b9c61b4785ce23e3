/* The level: a range from 0 to the classifier's last, its value in words, and which levels broke above it. */

import { draw, one, plain, show, tell } from "../lib/page.js";
import { saidOf } from "../lib/words.js";
import { answerAt, attacked, original, swept } from "./evidence.js";
import { sentenceFor } from "./verdict.js";

export function slider(root, store) {
  const input = one(root, "[data-slider]");
  const strip = one(root, "[data-strip]");
  const cells = Array.from({ length: Number(input.max) + 1 }, () => draw("rect", { width: 0.7, rx: 0.15 }));
  strip.replaceChildren(...cells);
  strip.setAttribute("viewBox", `0 0 ${cells.length} 1`);
  strip.style.setProperty("--levels", input.max);
  input.disabled = false; // it answers from here on
  input.addEventListener("input", () => setLevel(store, input.valueAsNumber));
  store.on((s) => {
    show(one(root, ".level"), swept(s));
    if (input.valueAsNumber !== s.k) input.value = s.k;
    input.setAttribute("aria-valuetext", saidOf(`${s.k}/255`, plain(sentenceFor(s))));
    input.style.setProperty("--at", `${(s.k / Number(input.max)) * 100}%`);
    tell(one(root, "[data-level]"), `${s.k}/255`);
    tell(one(root, "[data-decimal]"), `= ${(s.k / 255).toFixed(4)}`);
    tell(one(root, "[data-short]"), short(s));
    for (const [k, cell] of cells.entries()) mark(cell, k, s);
  });
}

/* Whole levels inside the slider's range, whatever was asked for. */
export function setLevel(store, k) {
  const last = store.get().classifier.levels;
  if (Number.isFinite(k)) store.set({ k: Math.min(last, Math.max(0, Math.round(k))) });
}

/* Colour and height both tell: tall where the answer changed, short where it held, a dot where nobody knows yet. */
function mark(cell, k, s) {
  const answer = answerAt(s, k);
  const from = original(s);
  const outcome = !answer || !from ? "pending" : answer.top.index === from.index ? "held" : "broken";
  const height = { pending: 0.12, held: 0.35, broken: 1 }[outcome];
  for (const [key, value] of Object.entries({ x: k + 0.15, y: 1 - height, height, class: outcome }))
    cell.setAttribute(key, value);
  cell.classList.toggle("here", k === s.k);
  cell.classList.toggle("flat", k >= (attacked(s)?.flat_from ?? Infinity)); // plain grey is in reach: no network can hold
}

function short(s) {
  const answer = answerAt(s, s.k);
  if (answer) return answer.top.name;
  if (s.busy || !attacked(s)) return s.busy ? "…" : "";
  return gettext("being judged…");
}
