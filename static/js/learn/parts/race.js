/* A race: small trainings that are computed as one looks on, prepared ones at once, as curves of one chart. */

import { all, make, offer, one, tell } from "../../lib/page.js";
import { integer, say } from "../../lib/words.js";
import { compute, inTurn, waiting } from "../compute.js";
import { curveChart, MOST, swatch } from "../curves.js";
import { shown } from "../parts.js";
import { endOf, MEASURES, nameOf, paceIs, timesOf, unitsOf } from "../race-words.js";

const HIGHEST = 3; // a loss above ln 10 is worse than guessing; what is higher still leaves the chart
const USUAL = { initialisation: "kaiming", sigma: 0 };
const OVER = { step: 0, epoch: 1, pictures: 0, seconds: 1 }; // digits after the point

/* settings: {races: {slug: {lanes: [options], named: [options' names], measures, over}}, race: the first one}. An
   experiment may set what is measured, and over what, otherwise than the race has it. */
export function start(root, settings) {
  const chart = curveChart(one(root, "[data-chart]"));
  const state = { race: null, lanes: [], measures: [], over: "step", running: null };
  const redraw = () => draw(root, chart, state);

  const choose = (slug, how = {}) => {
    const race = settings.races[slug];
    const { measures, over } = { ...race, ...how };
    state.running?.abort();
    Object.assign(state, { race: slug, measures, over });
    state.lanes = race.lanes.map((options) => ({ options, name: nameOf(options, race.named), found: null }));
    return run(state.lanes);
  };
  /* One after the other: what is left has to be over before anything else is asked for. */
  const run = (lanes) => {
    state.running?.abort();
    const running = new AbortController();
    state.running = running;
    trouble(root, "");
    redraw();
    state.going = Promise.resolve(state.going).then(async () => {
      for (const lane of lanes) {
        if (!running.signal.aborted) await learn(lane, running.signal);
        redraw();
      }
      if (state.running === running) state.running = null;
      redraw();
      return !running.signal.aborted;
    });
    return state.going;
  };
  const learn = async (lane, signal) => {
    const progress = (found, job) => {
      lane.found = found;
      lane.waits = waiting(job);
      if (!signal.aborted) redraw();
    };
    try {
      lane.found = await inTurn(() => compute("race", lane.options, progress, signal));
    } catch (error) {
      if (!signal.aborted) {
        state.running.abort();
        trouble(root, error.message);
      }
    }
    lane.waits = "";
  };

  for (const chip of all(root, "[data-race]")) chip.addEventListener("click", () => choose(chip.dataset.race));
  one(root, "[data-over]").addEventListener("change", ({ target }) => {
    state.over = target.value;
    redraw();
  });
  one(root, "[data-measure]").addEventListener("change", ({ target }) => {
    state.measures = target.value.split(" ");
    redraw();
  });
  one(root, "[data-stop]").addEventListener("click", () => {
    state.running?.abort();
    state.running = null;
    redraw();
  });
  one(root, "form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const options = optionsOf(event.target);
    const lane = { options, name: nameOf(options, namedBy(event.target, options)), found: null };
    state.lanes = [...state.lanes.filter(({ found }) => found?.ended).slice(-(MOST - 1)), lane];
    state.measures = state.measures.slice(0, 1);
    run([lane]);
  });
  choose(settings.race).catch(() => {});
  return { set: ({ race, ...how }) => choose(race, how) };
}

/* What the form says; its first weights are two options in one. */
function optionsOf(form) {
  const { network, first, ...numbers } = Object.fromEntries(new FormData(form));
  const drawn = Number(first) ? { initialisation: "normal", sigma: Number(first) } : { initialisation: first };
  const read = Object.entries(numbers).map(([name, value]) => [name, Number(value)]);
  return { network, ...Object.fromEntries(read), ...drawn };
}

/* By what is not as usual; by the learning rate where all is. */
function namedBy(form, options) {
  const usual = (name) => one(form, `[name=${name}]`)?.querySelector("option[selected]").value;
  const unusual = Object.keys(options).filter((name) =>
    name in USUAL ? options[name] !== USUAL[name] : String(options[name]) !== usual(name),
  );
  return unusual.length ? unusual : ["learning_rate"];
}

function trouble(root, message) {
  tell(one(root, "[data-trouble]"), message);
}

/* Lanes times measures; more than there are styles for are not drawn. */
function curvesOf({ lanes, measures, over }) {
  return lanes
    .flatMap((lane) =>
      measures.map((measure) => {
        const points = (lane.found?.points ?? []).filter((point) => point[measure] !== null);
        const short = MEASURES[measure].short;
        return {
          name:
            measures.length > 1
              ? say(gettext("%(lane)s: %(measure)s"), { lane: lane.name, measure: short })
              : lane.name,
          points: points.map((point) => [point[over], point[measure]]),
          raw: points,
          lane,
          measure,
        };
      }),
    )
    .slice(0, MOST);
}

function draw(root, chart, state) {
  const curves = curvesOf(state);
  const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
  const isError = state.measures[0].endsWith("error");
  const top = isError ? 1 : Math.min(HIGHEST, Math.max(0.1, ...values) * 1.08);
  const end = Math.max(...curves.flatMap(({ points }) => points.map(([x]) => x)), 0) || 1;
  chart.draw({ curves, x: { end: Math.max(end, whole(state)) }, y: { top, say: MEASURES[state.measures[0]].tick } });
  for (const chip of all(root, "[data-race]")) chip.setAttribute("aria-pressed", chip.dataset.race === state.race);
  one(root, "[data-over]").value = state.over;
  one(root, "[data-measure]").value = state.measures.join(" ");
  rows(one(root, "[data-lanes]"), curves, state.over);
  figures(one(root, "[data-figures]"), curves, state);
  const waits = state.running && state.lanes.find((lane) => lane.waits);
  tell(
    one(root, "[data-waits]"),
    waits ? say(gettext("%(lane)s: %(measure)s"), { lane: waits.name, measure: waits.waits }) : "",
  );
  offer(one(root, "[data-stop]"), Boolean(state.running), one(root, "[data-race][aria-pressed=true]"));
}

/* Where the longest lane will end, so that the axis stands still while curves grow; seconds nobody knows before. */
function whole({ lanes, over }) {
  const ends = lanes.map(({ found }) => {
    const last = found?.points.at(-1);
    return last?.step && over !== "seconds" && found.ended !== "diverged" ? (last[over] / last.step) * found.steps : 0;
  });
  return Math.max(0, ...ends);
}

/* Seconds of learning for each picture learnt from. */
const paceOf = (points) => (points.at(-1)?.pictures ? points.at(-1).seconds / points.at(-1).pictures : 0);

/* A row for each curve: where it is, and where it was lowest; over seconds also what a picture takes. */
function rows(body, curves, over) {
  if (body.childElementCount !== curves.length)
    body.replaceChildren(
      ...curves.map((_, i) =>
        make(
          "tr",
          {},
          make(
            "th",
            { scope: "row" },
            swatch(i),
            make("span", { "data-name": true }),
            make("small", { "data-note": true }),
          ),
          ...["last", "lowest", "lowest-epoch"].map((what) => make("td", { "data-shown": `${what}-${i + 1}` }, "…")),
          ...["units", "pace"].map((what) => make("td", { hidden: true, "data-shown": `${what}-${i + 1}` })),
        ),
      ),
    );
  const paces = curves.map(({ raw }) => paceOf(raw));
  const least = Math.min(...paces.filter(Boolean));
  for (const [i, { name, raw, lane, measure }] of curves.entries()) {
    const row = body.children[i];
    tell(one(row, "[data-name]"), name);
    if (!raw.length) {
      for (const cell of all(row, "td")) shown(cell, "", "…");
      tell(one(row, "[data-note]"), "");
      continue;
    }
    const { say: told } = MEASURES[measure];
    const lowest = raw.reduce((best, point) => (point[measure] < best[measure] ? point : best));
    const last = raw.at(-1)[measure];
    shown(one(row, `[data-shown=last-${i + 1}]`), last, told(last));
    shown(one(row, `[data-shown=lowest-${i + 1}]`), lowest[measure], told(lowest[measure]));
    shown(one(row, `[data-shown=lowest-epoch-${i + 1}]`), lowest.epoch, lowest.epoch.toFixed(1));
    shown(one(row, `[data-shown=units-${i + 1}]`), lane.found.different_units ?? "", unitsOf(lane.found));
    shown(one(row, `[data-shown=pace-${i + 1}]`), paces[i] / least, timesOf(paces[i] / least));
    const twins = lane.found.different_units === 1 ? unitsOf(lane.found) : "";
    const notes = [endOf(lane.found), over === "seconds" && paceIs(paces[i]), twins];
    tell(one(row, "[data-note]"), lane.found.ended ? notes.filter(Boolean).join(" · ") : "");
  }
}

/* Every point of every curve, for who would rather read them. */
function figures(table, curves, { over }) {
  if (!table.closest("details").open) {
    table.closest("details").ontoggle = () => figures(table, curves, { over });
    return;
  }
  const places = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const found = curves.map(({ points }) => new Map(points));
  const said = (curve, x) => (found[curve].has(x) ? MEASURES[curves[curve].measure].say(found[curve].get(x)) : "–");
  const heads = [
    one(table.closest(".race"), "[data-over] option:checked").textContent,
    ...curves.map(({ name }) => name),
  ];
  table.replaceChildren(
    make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)))),
    make(
      "tbody",
      {},
      ...places.map((x) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, OVER[over] ? x.toFixed(OVER[over]) : integer(x)),
          ...curves.map((_, i) => make("td", {}, said(i, x))),
        ),
      ),
    ),
  );
}
