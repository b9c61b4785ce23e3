/* Five LeNets that overfit on few pictures, one thing changed in each: prepared for the first seed, computed for others. */

import { all, offer, one, tell } from "../../lib/page.js";
import { countedPercent, integer, percents, saidOf, say } from "../../lib/words.js";
import { compute, waiting } from "../compute.js";
import { curveChart, swatch } from "../curves.js";
import { meanOfLast } from "../maths/counted.js";
import { shown } from "../parts.js";

const LAST = 10; // epochs whose mean is told: a single one jumps
const ERRORS = ["learning", "training", "validation"];
const HIGHEST = 0.5; // more is seen in the first epochs only

/* settings: {variants: {slug: options}, seed, measure: whose curves are drawn}. */
export function start(root, settings) {
  const chart = curveChart(one(root, "[data-chart]"));
  const lanes = Object.entries(settings.variants).map(([slug, options]) => ({ slug, options, found: null }));
  const state = { ...settings, lanes, running: null, waits: "" };
  for (const [place, { slug }] of lanes.entries())
    one(root, `[data-variant=${slug}] [data-swatch]`).append(swatch(place));

  const redraw = () => draw(root, chart, state);
  /* True once all have ended, false where they were left or refused. */
  const learn = async (seed) => {
    state.running?.abort();
    const running = new AbortController();
    for (const lane of lanes) lane.found = null;
    Object.assign(state, { seed, running, waits: "" });
    tell(one(root, "[data-trouble]"), "");
    redraw();
    try {
      for (const lane of lanes) await learnt(lane, seed, running.signal);
    } catch (refusal) {
      if (running.signal.aborted) return false;
      tell(one(root, "[data-trouble]"), refusal.message);
    }
    Object.assign(state, { running: null, waits: "" });
    redraw();
    return lanes.every(({ found }) => endOf(found));
  };
  const learnt = async (lane, seed, signal) => {
    const progress = (found, job) => {
      if (signal.aborted) return;
      Object.assign(lane, { found });
      state.waits = saidOf(nameOf(root, lane.slug), waiting(job));
      redraw();
    };
    const found = await compute("variant", { ...lane.options, seed }, progress, signal);
    signal.throwIfAborted();
    Object.assign(lane, { found });
    redraw();
  };

  for (const chip of all(root, "[data-seed]")) chip.addEventListener("click", () => learn(Number(chip.dataset.seed)));
  for (const chip of all(root, "[data-measure]"))
    chip.addEventListener("click", () => {
      state.measure = chip.dataset.measure;
      redraw();
    });
  one(root, "[data-stop]").addEventListener("click", () => {
    state.running?.abort();
    Object.assign(state, { running: null, waits: "" });
    redraw();
  });
  const set = async ({ seed, measure }) => {
    Object.assign(state, { measure });
    redraw();
    return (seed === state.seed && lanes.every(({ found }) => endOf(found))) || learn(seed);
  };
  set(settings);
  return { set: (setting) => set({ ...settings, ...setting }) };
}

const nameOf = (root, slug) => one(root, `[data-variant=${slug}] [data-name]`).textContent;

function draw(root, chart, { lanes, measure, seed, running, waits }) {
  const curves = lanes.map(({ slug, found }) => ({
    name: nameOf(root, slug),
    points: (found?.epochs ?? []).map((each) => [each.epoch, each[measure]]),
  }));
  const end = lanes.find(({ found }) => found)?.found.of ?? 1;
  const tick = (share) => percents(Math.round(share * 100));
  chart.draw({ curves, x: { end }, y: { top: HIGHEST, say: tick } });
  for (const chip of all(root, "[data-measure]")) chip.setAttribute("aria-pressed", chip.dataset.measure === measure);
  for (const chip of all(root, "[data-seed]")) chip.setAttribute("aria-pressed", Number(chip.dataset.seed) === seed);
  const plain = endOf(lanes[0].found);
  for (const { slug, found } of lanes) figures(root, slug, found, plain);
  tell(one(root, "[data-waits]"), waits);
  offer(one(root, "[data-stop]"), Boolean(running), one(root, "[data-seed][aria-pressed=true]"));
}

/* Its errors as means of the last epochs, once it has ended; null before. */
function endOf(found) {
  if (!found || found.epochs.length < found.of) return null;
  const means = ERRORS.map((name) => [
    name,
    meanOfLast(
      found.epochs.map((each) => each[name]),
      LAST,
    ),
  ]);
  const errors = Object.fromEntries(means);
  return { ...errors, gap: errors.validation - errors.training, parameters: found.parameters };
}

function figures(root, slug, found, plain) {
  const end = endOf(found);
  const put = (name, words) =>
    shown(one(root, `[data-shown=${name}-${slug}]`), end?.[name] ?? "", end ? words(end[name]) : "…");
  for (const name of [...ERRORS, "gap"]) put(name, countedPercent);
  put("parameters", integer);
  const cell = one(root, `[data-shown=difference-${slug}]`);
  if (!cell) return;
  const difference = end && plain ? end.validation - plain.validation : null;
  shown(cell, difference ?? "", difference === null ? "…" : points(difference));
}

function points(difference) {
  const number = (100 * difference).toFixed(1);
  return say(gettext("%(number)s points"), { number: difference > 0 ? `+${number}` : number.replace("-", "−") });
}
