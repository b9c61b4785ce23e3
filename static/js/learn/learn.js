/* A lesson: its parts, its experiments, its question, and what of them was done before. */

import { all, one, tell } from "../lib/page.js";
import { runOn } from "../lib/words.js";
import { startParts } from "./parts.js";
import { done, note } from "./progress.js";

const QUESTION = "question"; // its name in what is kept; experiments are kept by their numbers

export function start(root) {
  const { lesson } = one(root, "[data-lesson]").dataset;
  question(root, lesson);
  const parts = startParts(root);
  const before = done(lesson);
  for (const node of all(root, "[data-experiment]")) {
    const keep = () => note(lesson, String(node.value));
    parts.get(node.dataset.of).then((part) => experiment(root, node, part, keep));
    if (before.has(String(node.value))) reveal(node);
  }
}

/* Sets its part, waits until that has computed, and tells the number beside the button. Where there is none, because
   the part was set otherwise meanwhile or nothing could be computed, nothing was found. */
function experiment(root, node, part, keep) {
  const { of, setting, reads } = node.dataset;
  const reading = one(node, "[data-reading]");
  const button = one(node, "button");
  let busy = false;
  const act = async () => {
    tell(reading, "…");
    if ((await part.set(JSON.parse(setting))) === false) return;
    tell(reading, one(root, `[data-part="${of}"] [data-shown="${reads}"]`).textContent);
    reveal(node);
    keep();
    announce(root, reading.textContent, one(node, "[data-outcome]").textContent);
  };
  button.disabled = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    await act().finally(() => {
      busy = false;
      if (reading.textContent === "…") tell(reading, "");
    });
  });
}

function reveal(node) {
  one(node, "[data-outcome]").removeAttribute("aria-hidden");
  node.dataset.done = "";
}

function question(root, lesson) {
  for (const answer of all(root, "[data-question] input"))
    answer.addEventListener("change", () => {
      for (const text of all(root, "[data-explains]"))
        text.toggleAttribute("data-chosen", text.dataset.explains === answer.value);
      if ("right" in answer.dataset) note(lesson, QUESTION);
      announce(root, one(root, "[data-explains][data-chosen]").textContent);
    });
}

/* Once, after something was done: never while it is being dragged. */
function announce(root, ...sentences) {
  tell(one(root, "[data-announce]"), runOn(...sentences.map((sentence) => sentence.trim())));
}

start(document.querySelector("main"));
