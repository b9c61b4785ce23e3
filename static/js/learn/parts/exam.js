/* LeNet learns a few hundred pictures: its errors on those and on others, with true labels or drawn ones. */

import { all, make, offer, one, show, tell } from "../../lib/page.js";
import { countedPercent, percents, say } from "../../lib/words.js";
import { compute, waiting } from "../compute.js";
import { curveChart, swatch } from "../curves.js";
import { wilson } from "../maths/counted.js";
import { shown } from "../parts.js";

const ERRORS = ["seen", "unseen"];

/* settings: {labels: "true" or "random", pictures, prepared: how many pictures need no start}. */
export function start(root, settings) {
  const chart = curveChart(one(root, "[data-chart]"));
  const state = { ...settings, found: null, running: null };
  for (const [place, name] of ERRORS.entries()) one(root, `[data-swatch=${name}]`).append(swatch(place));

  const leave = () => {
    state.running?.abort();
    state.running = null;
  };
  /* What is prepared comes at once; anything else waits for the button. */
  const choose = async (change) => {
    leave();
    Object.assign(state, change, { found: null });
    draw(root, chart, state);
    return state.pictures === settings.prepared && learn();
  };
  /* True once the training has ended and its numbers stand, false where it was left or refused. */
  const learn = async () => {
    leave();
    const running = new AbortController();
    Object.assign(state, { running, found: null });
    draw(root, chart, state);
    const progress = (found, job) => {
      if (running.signal.aborted) return;
      state.found = found;
      draw(root, chart, state);
      tell(one(root, "[data-state]"), waiting(job));
    };
    let trouble = "";
    try {
      const { labels, pictures } = state;
      const found = await compute("exam", { labels, pictures }, progress, running.signal);
      if (running.signal.aborted) return false;
      state.found = found;
    } catch (refusal) {
      if (running.signal.aborted) return false;
      Object.assign(state, { found: null });
      trouble = refusal.message;
    }
    state.running = null;
    draw(root, chart, state);
    tell(one(root, "[data-trouble]"), trouble);
    return !trouble;
  };

  for (const chip of all(root, "[data-labels]"))
    chip.addEventListener("click", () => choose({ labels: chip.dataset.labels }));
  one(root, "[data-pictures]").addEventListener("change", ({ target }) => choose({ pictures: Number(target.value) }));
  one(root, "[data-start]").addEventListener("click", learn);
  one(root, "[data-cancel]").addEventListener("click", () => {
    leave();
    draw(root, chart, state);
  });
  choose({}).then(() => {
    for (const control of all(root, "button, select")) control.disabled = false;
  });
  return { set: (setting) => choose({ ...settings, ...setting }) };
}

function draw(root, chart, { labels, pictures, prepared, found, running }) {
  const epochs = found?.epochs ?? [];
  const curves = ERRORS.map((name) => ({ name, points: epochs.map((each) => [each.epoch, each[name]]) }));
  const tick = (share) => percents(Math.round(share * 100));
  chart.draw({ curves, x: { end: Math.max(10, epochs.length) }, y: { top: 1, say: tick } });
  for (const chip of all(root, "[data-labels]")) chip.setAttribute("aria-pressed", chip.dataset.labels === labels);
  one(root, "[data-pictures]").value = pictures;
  const [begin, leave] = ["start", "cancel"].map((name) => one(root, `[data-${name}]`));
  const [now, next] = running ? [leave, begin] : [begin, leave];
  show(now, pictures !== prepared);
  offer(next, false, now);
  if (!running) tell(one(root, "[data-state]"), "");
  tell(one(root, "[data-trouble]"), "");
  ends(root, found);
  figures(one(root, "[data-figures]"), epochs);
}

/* Where both errors are now, and the epoch. */
function ends(root, found) {
  const last = found?.epochs.at(-1);
  const of = { seen: found?.pictures, unseen: found?.held_out };
  for (const name of ERRORS) {
    const row = one(root, `[data-row=${name}]`);
    shown(one(row, "[data-shown]"), last?.[name] ?? "", last ? countedPercent(last[name]) : "…");
    tell(one(row, "[data-count]"), last ? counted(last[name], of[name]) : "…");
  }
  tell(one(root, "[data-interval]"), last ? interval(last.unseen, found.held_out) : "…");
  shown(one(root, "[data-shown=epoch]"), last?.epoch ?? "", last ? String(last.epoch) : "…");
}

const counted = (share, all) => say(gettext("%(wrong)s of %(all)s"), { wrong: Math.round(share * all), all });

function interval(share, n) {
  const [low, high] = wilson(Math.round(share * n), n).map((bound) => (100 * bound).toFixed(1));
  return percents(`${low}–${high}`);
}

/* Every epoch, for who would rather read it. */
function figures(body, epochs) {
  body.replaceChildren(
    ...epochs.map(({ epoch, seen, unseen }) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, String(epoch)),
        make("td", {}, countedPercent(seen)),
        make("td", {}, countedPercent(unseen)),
      ),
    ),
  );
}
