/* Probabilities over epsilon: the class before, the class after, the class before under noise; drag to move the level. */

import { make, one, show, tell } from "../lib/page.js";
import { exactPercent, say } from "../lib/words.js";
import { legend, lineChart } from "./chart.js";
import { complete, original, sweepOf, swept, target } from "./evidence.js";
import { setLevel } from "./slider.js";

export function curves(root, store) {
  const section = one(root, ".curves");
  const lines = () => (complete(store.get()) ? series(store.get()) : []);
  const chart = lineChart(one(root, "[data-chart]"), {
    lines,
    level: () => store.get().k,
    onLevel: (k) => setLevel(store, k),
  });
  let drawn = null;
  store.on((s) => {
    show(section, swept(s));
    if (drawn !== sweepOf(s)) {
      drawn = sweepOf(s);
      chart.rebuild();
      legend(one(root, "[data-legend]"), lines());
      table(one(root, "[data-chart-table]"), s);
    }
    chart.redraw();
    tell(one(root, "[data-chart-waiting]"), complete(s) ? "" : pending(s));
    show(one(root, "[data-chart-waiting]"), !complete(s));
  });
}

function pending(s) {
  const progress = s.sweep?.progress;
  if (["failed", "cancelled"].includes(s.sweep?.status)) return gettext("The other levels were not judged.");
  return progress?.total > 1
    ? say(gettext("%(done)s of %(total)s levels judged…"), progress)
    : gettext("The curves come with the levels…");
}

/* [{name, role, values}]: only what there is to draw. */
function series(s) {
  const sweep = sweepOf(s);
  const column = (index) => sweep.classes.findIndex((entry) => entry.index === index);
  const along = (index) => sweep.points.map((point) => point.probabilities[column(index)]);
  const from = original(s);
  const lines = [{ name: from.name, role: "original", values: along(from.index) }];
  const fresh = target(s) ?? sweep.new;
  if (fresh && fresh.index !== from.index)
    lines.push({ name: fresh.name, role: "adversarial", values: along(fresh.index) });
  const noise = sweep.points.map((point) => point.control?.p_original ?? null);
  return [
    ...lines,
    { name: say(gettext("%(label)s under random noise"), { label: from.name }), role: "control", values: noise },
  ];
}

/* The same figures as a table, for everyone who would rather read them. */
function table(node, s) {
  if (!complete(s)) return node.replaceChildren();
  const lines = series(s);
  const head = make(
    "tr",
    {},
    ...["ε", gettext("the network says"), ...lines.map((line) => line.name)].map((text) =>
      make("th", { scope: "col" }, text),
    ),
  );
  const rows = sweepOf(s).points.map((point, i) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, `${point.value}/255`),
      make("td", {}, point.top.name),
      ...lines.map((line) => make("td", {}, line.values[i] === null ? "–" : exactPercent(line.values[i]))),
    ),
  );
  return node.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
}
