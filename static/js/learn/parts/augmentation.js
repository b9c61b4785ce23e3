/* LeNet taught on few digits, as they are and changed anew in every epoch: its errors on others, in one chart. */

import { all, make, one, tell } from "../../lib/page.js";
import { countedPercent, percents } from "../../lib/words.js";
import { compute, refused, waiting } from "../compute.js";
import { curveChart, swatch } from "../curves.js";
import { measured } from "../maths/moving.js";
import { shown } from "../parts.js";

const PLAIN = { change: "none" };
const LAST = 10; // epochs that are averaged: one epoch's error jumps by a point or two
const TOP = 0.5; // what is worse leaves the chart

/* settings: {lanes: {slug: options}, lane: the first one's slug}; how lanes are called stands on their chips. */
export function start(root, { lanes, ...first }) {
  const chart = curveChart(one(root, "[data-chart]"));
  const state = { lane: null, plain: null, changed: null };
  const asking = { plain: null, changed: null };
  for (const [place, row] of all(root, "[data-row]").entries()) one(row, "[data-swatch]").append(swatch(place));
  const redraw = () => draw(root, chart, state);

  /* Whether its numbers stand. */
  const learn = async (name, options) => {
    const own = new AbortController();
    asking[name] = own;
    const wait = (text) => asking[name] === own && tell(one(root, "[data-wait]"), text);
    const take = (found) => {
      if (asking[name] !== own || !found) return;
      state[name] = found;
      redraw();
    };
    const progress = (soFar, job) => {
      take(soFar);
      wait(waiting(job));
    };
    try {
      const found = await compute("augmentation", options, progress, own.signal);
      if (asking[name] !== own || own.signal.aborted) return false;
      take(found);
      wait("");
      return true;
    } catch (error) {
      if (asking[name] === own && !own.signal.aborted) refused(one(root, "[data-wait]"), error);
      return false;
    }
  };
  let plain = null;
  const set = async ({ lane }) => {
    asking.changed?.abort();
    Object.assign(state, { lane, changed: null });
    redraw();
    plain ??= learn("plain", PLAIN);
    if (await plain) return state.lane === lane && learn("changed", lanes[lane]);
    plain = null;
    return false;
  };

  for (const chip of all(root, "[data-lane]")) chip.addEventListener("click", () => set({ lane: chip.dataset.lane }));
  set(first).then(() => {
    for (const control of all(root, "button")) control.disabled = false;
  });
  return { set: (setting) => set({ ...first, ...setting }) };
}

function draw(root, chart, { lane, plain, changed }) {
  const found = [plain?.epochs ?? [], changed?.epochs ?? []];
  const curves = found.map((epochs, place) => ({
    name: String(place),
    points: epochs.map(({ epoch, validation }) => [epoch, validation]),
  }));
  const of = plain?.of ?? changed?.of ?? 40;
  chart.draw({ curves, x: { end: of }, y: { top: TOP, say: (share) => percents(Math.round(share * 100)) } });
  for (const chip of all(root, "[data-lane]")) chip.setAttribute("aria-pressed", chip.dataset.lane === lane);
  for (const name of all(root, "[data-name]")) tell(name, one(root, `[data-lane=${lane}]`).textContent);
  for (const [place, name] of ["plain", "changed"].entries()) {
    const row = one(root, `[data-row=${name}]`);
    const end = (what) =>
      found[place].length ? measured(found[place].slice(-LAST).map((epoch) => epoch[what])).mean : null;
    tell(one(row, "[data-is=training]"), told(end("training")));
    shown(one(row, "[data-shown]"), end("validation") ?? "", told(end("validation")));
  }
  figures(one(root, "[data-figures]"), found);
}

const told = (share) => (share === null ? "…" : countedPercent(share));

/* Every epoch, for who would rather read it. */
function figures(body, found) {
  const most = Math.max(...found.map((epochs) => epochs.length));
  const cell = (epochs, place) => make("td", {}, place < epochs.length ? told(epochs[place].validation) : "–");
  body.replaceChildren(
    ...Array.from({ length: most }, (_, place) =>
      make("tr", {}, make("th", { scope: "row" }, String(place + 1)), ...found.map((epochs) => cell(epochs, place))),
    ),
  );
}
