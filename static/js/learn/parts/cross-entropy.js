/* What is true, beside what the network thinks: one-hot, and the loss as a sum and on its curve. */

import { all, one, draw as svg, tell } from "../../lib/page.js";
import { exactPercent, say } from "../../lib/words.js";
import { crossEntropy, softmax } from "../maths/softmax.js";
import { shown } from "../parts.js";

const OWN = 3; // the class whose score is dragged
const BOX = { left: 44, right: 308, top: 12, bottom: 220, most: 10 };

export function start(root, settings) {
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, state);
  };
  for (const chip of all(root, "[data-truth]"))
    chip.addEventListener("click", () => set({ truth: Number(chip.dataset.truth) }));
  one(root, "[data-own]").addEventListener("input", ({ target }) => set({ own: target.valueAsNumber }));
  axes(root);
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

function draw(root, { scores, truth, own }) {
  const given = scores.with(OWN, own);
  const { probabilities } = softmax(given);
  const loss = crossEntropy(given, truth);
  const told = loss.toFixed(3);
  for (const row of all(root, "tbody tr")) {
    const place = Number(row.dataset.class);
    row.toggleAttribute("data-true", place === truth);
    tell(one(row, "[data-hot]"), place === truth ? "1" : "0");
    tell(one(row, "[data-probability]"), exactPercent(probabilities[place]));
    tell(one(row, "[data-term]"), place === truth ? told : "0");
  }
  for (const chip of all(root, "[data-truth]")) chip.setAttribute("aria-pressed", Number(chip.dataset.truth) === truth);
  const slider = one(root, "[data-own]");
  slider.value = own;
  slider.setAttribute(
    "aria-valuetext",
    say(gettext("%(score)s, loss %(loss)s"), { score: own.toFixed(1), loss: told }),
  );
  tell(one(root, "[data-is=own]"), own.toFixed(1).replace("-", "−"));
  shown(one(root, "[data-shown=loss]"), loss, told);
  dot(root, Math.exp(-loss), loss);
}

const across = (probability) => BOX.left + probability * (BOX.right - BOX.left);
const up = (loss) => BOX.bottom - (Math.min(loss, BOX.most) / BOX.most) * (BOX.bottom - BOX.top);

function dot(root, probability, loss) {
  const [x, y] = [across(probability), up(loss)];
  one(root, "[data-dot]").setAttribute("cx", x);
  one(root, "[data-dot]").setAttribute("cy", y);
  one(root, "[data-guide]").setAttribute("d", `M${BOX.left} ${y}H${x}V${BOX.bottom}`);
}

/* The curve from where it leaves the box, steps even in the loss: the eye sees no corner. */
function axes(root) {
  const points = Array.from({ length: 81 }, (_, i) => (BOX.most * (80 - i)) / 80);
  const path = points.map((loss) => `${across(Math.exp(-loss)).toFixed(1)} ${up(loss).toFixed(1)}`);
  one(root, "[data-curve]").setAttribute("d", `M${path.join("L")}`);
  one(root, "[data-ticks]").replaceChildren(
    ...[0, 0.5, 1].map((p) => svg("text", { x: across(p), y: 236, "text-anchor": "middle" }, String(p))),
    ...[0, 5, 10].map((loss) => svg("text", { x: 38, y: up(loss) + 4, "text-anchor": "end" }, String(loss))),
  );
}
