/* The same attack on another network: asked for with one click, both sweeps in one chart, there again after a reload. */

import { api } from "../lib/api.js";
import { follow, isOver } from "../lib/live.js";
import { answers, make, one, redraw, show, tell, tellParts } from "../lib/page.js";
import { exactPercent, say } from "../lib/words.js";
import { legend, lineChart } from "./chart.js";
import { complete, original, sweepOf, swept } from "./evidence.js";
import { setLevel } from "./slider.js";

let leave = () => {};

export function comparison(root, store) {
  const section = one(root, "[data-comparison]");
  if (!section) return; // no other network sees such pictures and knows these classes
  const lines = () => runs(store.get()).map(({ name, role, values }) => ({ name, role, values }));
  const chart = lineChart(one(section, "[data-chart]"), {
    lines,
    level: () => store.get().k,
    onLevel: (k) => setLevel(store, k),
  });
  let asked = null;
  let drawn = null;
  store.on((s) => {
    show(section, swept(s));
    if (complete(s) && s.attack.id !== asked) {
      asked = s.attack.id;
      look(store, asked);
    }
    if (s.comparison && s.comparison.of !== s.attack?.id) forget(store);
    const result = both(s) ? (s.comparison.words ?? s.comparison.sweep.result) : null;
    if (drawn !== result) {
      drawn = result;
      chart.rebuild();
      describe(section, s, lines());
    }
    chart.redraw();
    chips(section, store, s);
    waiting(section, s);
  });
}

const both = (s) => complete(s) && s.comparison?.of === s.attack.id && Boolean(s.comparison.sweep?.result);

/* Both networks as sentence and chart want them, this page’s first; [] until both are judged at every level. */
function runs(s) {
  if (!both(s)) return [];
  const { classifier, comparison } = s;
  const mine = { name: classifier.name, role: "standard", sweep: sweepOf(s), from: original(s) };
  const theirs = {
    name: comparison.network.name,
    role: "hardened",
    sweep: comparison.sweep.result,
    from: comparison.attack.result.label_from,
  };
  if (classifier.hardened && !comparison.network.hardened) [mine.role, theirs.role] = [theirs.role, mine.role];
  return [mine, theirs].map((run) => ({ ...run, values: along(run) }));
}

function along({ sweep, from }) {
  const column = sweep.classes.findIndex(({ index }) => index === from.index);
  return sweep.points.map((point) => point.probabilities[column]);
}

function forget(store) {
  leave();
  store.set({ comparison: null, repeated: {} });
}

/* What has been asked before is shown at once. */
async function look(store, id) {
  const repeated = await api.repetitions(id).catch(() => ({})); // then it can still be asked for
  const s = store.get();
  if (s.attack?.id !== id) return;
  store.set({ repeated });
  const known = s.siblings.find(({ identity }) => repeated[identity]);
  if (known) choose(store, known);
}

/* The attack with the same picture and parameters on that network: the one there is, or a new one. */
async function choose(store, network) {
  leave();
  const { attack, picture, repeated } = store.get();
  const known = repeated[network.identity] ?? { attack: null, sweep: null, words: null };
  const visit = { alive: true, stops: [] };
  leave = () => {
    visit.alive = false;
    for (const stop of visit.stops) stop();
  };
  const set = (patch) => visit.alive && store.set({ comparison: { ...store.get().comparison, ...patch } });
  store.set({ comparison: { of: attack.id, network, error: null, ...known } });
  try {
    if (known.attack?.status === "done") return await followSweep(store, visit, set, known);
    const { id } =
      known.attack ?? (await api.attack(picture.id, network.ask, attack.about.attack, attack.about.params));
    keep(visit, id, (job) => {
      set({ attack: job });
      if (job.status === "done") followSweep(store, visit, set, { attack: job, sweep: null });
      else if (isOver(job)) set({ error: job.error?.message ?? gettext("This attack was cancelled.") });
    });
  } catch (error) {
    set({ error: error.message });
  }
  return null;
}

/* A sweep that was dropped is asked for again. */
async function followSweep(store, visit, set, { attack, sweep }) {
  if (sweep?.result) return set({ attack, sweep }); // with its words
  const dropped = sweep && isOver(sweep);
  const id = dropped ? (await api.sweep(attack.id)).id : attack.result.sweep_job;
  return keep(visit, id, (job) => {
    if (isOver(job) && !job.result) return set({ error: gettext("The other levels were not judged.") });
    set({ sweep: job });
    return job.result && words(store, set);
  });
}

/* What the server says of both, now that both are judged. */
async function words(store, set) {
  const { of, network } = store.get().comparison;
  const repeated = await api.repetitions(of).catch(() => ({})); // then the curves stand without a sentence
  set({ words: repeated[network.identity]?.words ?? null });
}

function keep(visit, id, onJob) {
  if (visit.alive) visit.stops.push(follow(id, onJob));
}

function chips(section, store, s) {
  const list = one(section, "[data-other-networks]");
  const usable = complete(s);
  const key = JSON.stringify([usable, s.comparison?.network.identity, Boolean(s.comparison?.error)]);
  if (list.dataset.drawn === key) return;
  list.dataset.drawn = key;
  redraw(
    list,
    s.siblings.map((network) => {
      const chosen = s.comparison?.network.identity === network.identity && !s.comparison.error;
      const button = make(
        "button",
        { type: "button", class: "chip", "aria-pressed": String(chosen), "data-key": network.identity },
        network.name,
      );
      answers(button, usable);
      button.addEventListener("click", () => usable && !chosen && choose(store, network));
      return make("li", {}, button);
    }),
  );
}

/* The sentence, the legend and the table behind the chart. */
function describe(section, s, lines) {
  const [mine, theirs] = runs(s);
  const { sentence = [], caveat: warning = "" } = (mine && s.comparison.words) || {};
  tellParts(one(section, "[data-comparison-sentence]"), sentence);
  tell(one(section, "[data-caveat]"), warning);
  show(one(section, "[data-caveat]"), Boolean(warning));
  legend(
    one(section, "[data-legend]"),
    lines.map(({ name, role }, i) => ({
      name: say(gettext("%(label)s, said by %(name)s"), { name, label: [mine, theirs][i].from.name }),
      role,
    })),
  );
  table(one(section, "[data-chart-table]"), mine ? [mine, theirs] : []);
}

function table(node, pair) {
  if (!pair.length) return node.replaceChildren();
  const titles = pair.flatMap(({ name, from }) => [
    say(gettext("%(name)s says"), { name }),
    say(gettext("%(label)s, %(name)s"), { label: from.name, name }),
  ]);
  const head = make("tr", {}, ...["ε", ...titles].map((text) => make("th", { scope: "col" }, text)));
  const levels = Math.min(...pair.map(({ values }) => values.length));
  const rows = Array.from({ length: levels }, (_, k) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, `${k}/255`),
      ...pair.flatMap(({ sweep, values }) => [
        make("td", {}, sweep.points[k].top.name),
        make("td", {}, exactPercent(values[k])),
      ]),
    ),
  );
  return node.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
}

function waiting(section, s) {
  const { comparison } = s;
  tell(one(section, "[data-comparison-error]"), comparison?.error ?? "");
  const node = one(section, "[data-chart-waiting]");
  show(node, !both(s));
  if (!complete(s)) return tell(node, gettext("First this network’s own levels are judged…"));
  if (!comparison)
    return tell(node, gettext("Choose the other network: the same picture, the same step, its own gradient."));
  const progress = comparison.sweep?.progress;
  if (comparison.error) return tell(node, "");
  return tell(
    node,
    progress?.total > 1
      ? say(gettext("%(done)s of %(total)s levels judged…"), progress)
      : gettext("The other network is being attacked…"),
  );
}
