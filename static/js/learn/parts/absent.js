/* A layer some of whose units stay away at each draw: the sum that is left, and its mean over all draws. */

import { all, one, draw as svg, tell } from "../../lib/page.js";
import { say } from "../../lib/words.js";
import { draws, left, spread } from "../maths/dropout.js";
import { shown } from "../parts.js";
import { decimal } from "./scores.js";

const MOST = 5000; // draws
const AXIS = { from: -12, to: 24, bin: 0.75, width: 600, height: 130, floor: 140 }; // what lies beyond is held at its ends

/* settings: {values: what each unit adds, p, scaled, times: draws so far, seed}. */
export function start(root, settings) {
  let state = { ...settings };
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, state);
  };
  one(root, "[data-share]").addEventListener("input", ({ target }) => set({ p: target.valueAsNumber, times: 1 }));
  one(root, "[data-scaled]").addEventListener("change", ({ target }) => set({ scaled: target.checked }));
  for (const button of all(root, "[data-draw]"))
    button.addEventListener("click", () => set({ times: Math.min(MOST, state.times + Number(button.dataset.draw)) }));
  axis(root);
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

function draw(root, { values, p, scaled, times, seed }) {
  const drawn = draws(times, values.length, p, seed);
  const sums = drawn.map((present) => left(values, present, p, scaled));
  const told = {
    whole: values.reduce((sum, value) => sum + value, 0),
    answer: sums.at(-1),
    mean: sums.reduce((sum, one) => sum + one, 0) / times,
    spread: spread(values, p, scaled),
  };
  for (const [name, value] of Object.entries(told)) shown(one(root, `[data-shown=${name}]`), value, decimal(value, 2));
  const slider = one(root, "[data-share]");
  slider.value = p;
  slider.setAttribute("aria-valuetext", p.toFixed(2));
  tell(one(root, "[data-is=share]"), p.toFixed(2));
  one(root, "[data-scaled]").checked = scaled;
  const words = ngettext("mean of %(times)s draw", "mean of %(times)s draws", times);
  tell(one(root, "[data-is=times]"), say(words, { times }));
  staff(root, values, drawn.at(-1), scaled ? 1 / (1 - p) : 1);
  bars(one(root, "[data-bars]"), sums);
  for (const name of ["whole", "mean"])
    one(root, `[data-line=${name}]`).setAttribute("d", `M${across(told[name])} 0V${AXIS.floor}`);
}

/* What each adds in the last draw; who is away adds nothing. */
function staff(root, values, present, factor) {
  for (const [place, unit] of all(root, "[data-unit]").entries()) {
    unit.toggleAttribute("data-absent", !present[place]);
    tell(one(unit, "[data-value-of]"), decimal(values[place] * (present[place] ? factor : 1), 1));
    tell(one(unit, "[data-there]"), present[place] ? gettext("is there") : gettext("is absent"));
  }
}

const within = (sum) => Math.min(AXIS.to, Math.max(AXIS.from, sum));
const across = (sum) => (((within(sum) - AXIS.from) / (AXIS.to - AXIS.from)) * AXIS.width).toFixed(1);

function bars(group, sums) {
  const count = (AXIS.to - AXIS.from) / AXIS.bin;
  const heights = new Array(count).fill(0);
  for (const sum of sums) heights[Math.min(count - 1, Math.floor((within(sum) - AXIS.from) / AXIS.bin))] += 1;
  if (!group.childElementCount) group.append(...heights.map(() => svg("rect")));
  const wide = AXIS.width / count;
  const most = Math.max(...heights);
  for (const [place, bar] of [...group.children].entries()) {
    const height = (heights[place] / most) * AXIS.height;
    const box = { x: place * wide + 1, y: AXIS.floor - height, width: wide - 2, height };
    for (const [name, value] of Object.entries(box)) bar.setAttribute(name, value.toFixed(1));
  }
}

function axis(root) {
  const places = [-6, 0, 6, 12, 18];
  one(root, "[data-ticks]").replaceChildren(
    ...places.map((sum) => svg("text", { x: across(sum), y: 160, "text-anchor": "middle" }, decimal(sum, 0))),
  );
}
