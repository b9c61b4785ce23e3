/* Ten scores to drag, and the probabilities that softmax makes of them. */

import { all, one, tell } from "../../lib/page.js";
import { exactPercent, say } from "../../lib/words.js";
import { argmax, softmax } from "../maths/softmax.js";
import { shown } from "../parts.js";

const FLAT = { temperature: 1, constant: 0, shifted: true };

export function start(root, settings) {
  let state = { ...FLAT, ...settings };
  const rows = all(root, "tbody tr");
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, rows, state);
  };
  for (const [place, row] of rows.entries())
    one(row, "input").addEventListener("input", ({ target }) =>
      set({ scores: state.scores.with(place, target.valueAsNumber) }),
    );
  one(root, "[data-temperature]").addEventListener("input", ({ target }) =>
    set({ temperature: Number((10 ** target.valueAsNumber).toPrecision(2)) }),
  );
  one(root, "[data-constant]").addEventListener("input", ({ target }) => set({ constant: target.valueAsNumber }));
  one(root, "[data-shifted]").addEventListener("change", ({ target }) => set({ shifted: target.checked }));
  set({});
  return { set: (setting) => set({ ...FLAT, ...settings, ...setting }) };
}

function draw(root, rows, { scores, temperature, constant, shifted }) {
  const raised = scores.map((score) => score + constant);
  const { probabilities, total } = softmax(raised, { temperature, shifted });
  const leader = argmax(raised);
  for (const [place, row] of rows.entries()) {
    const probability = probabilities[place];
    row.dataset.role = place === leader ? "before" : "rest";
    const slider = one(row, "input");
    if (slider.valueAsNumber !== scores[place]) slider.value = scores[place];
    slider.setAttribute(
      "aria-valuetext",
      say(gettext("%(score)s, probability %(share)s"), { score: decimal(raised[place]), share: share(probability) }),
    );
    tell(one(row, "[data-score]"), decimal(raised[place]));
    tell(one(row, "[data-probability]"), share(probability));
    one(row, "rect").setAttribute("width", `${(probability || 0) * 100}%`);
  }
  controls(root, { temperature, constant, shifted });
  const sum = probabilities.reduce((sofar, each) => sofar + each, 0);
  shown(one(root, "[data-shown=top]"), Math.max(...probabilities), share(Math.max(...probabilities)));
  shown(one(root, "[data-shown=total]"), total, amount(total));
  shown(one(root, "[data-shown=sum]"), sum, amount(sum));
}

function controls(root, { temperature, constant, shifted }) {
  one(root, "[data-temperature]").value = Math.log10(temperature);
  one(root, "[data-temperature]").setAttribute("aria-valuetext", String(temperature));
  tell(one(root, "[data-is=temperature]"), String(temperature));
  one(root, "[data-constant]").value = constant;
  tell(one(root, "[data-is=constant]"), decimal(constant, 0));
  one(root, "[data-shifted]").checked = shifted;
}

/* With a true minus, and never "-0.0". */
export function decimal(number, digits = 1) {
  return (Number(number.toFixed(digits)) || 0).toFixed(digits).replace("-", "−");
}

const share = (probability) => (Number.isNaN(probability) ? "NaN" : exactPercent(probability));

/* Three figures that count, infinity as its sign. */
function amount(number) {
  if (Number.isNaN(number)) return "NaN";
  if (number === Infinity) return "∞";
  return number < 10_000 ? Number(number.toPrecision(4)).toString() : number.toExponential(2).replace("e+", " · 10^");
}
