/* Probabilities as tables: before and after beside their pictures, both in one table on a phone. */

import { all, draw, make, one, tell } from "../lib/page.js";
import { exactPercent } from "../lib/words.js";
import { answerAt, original, rowsAt } from "./evidence.js";

const SLOTS = 8; // seven classes and "all others": the height is reserved from the start

export function bars(root, store) {
  const tables = all(one(root, ".equation"), "table[data-bars]").map((table) => ({
    table,
    sides: table.dataset.bars.split(" "),
    rows: slots(table),
  }));
  store.on((s) => {
    const { rows, others, bounds } = rowsAt(s, s.k);
    const now = answerAt(s, s.k)?.top.index ?? null;
    const every = !rows.length || rows.length === s.classifier.labels.length;
    const shown = every ? rows : [...rows, { name: gettext("all others"), ...others, role: "others" }];
    for (const { sides, rows: lines, table } of tables) {
      table.classList.toggle("empty", !shown.length);
      for (const [i, line] of lines.entries()) fill(line, shown[i], sides, bounds);
    }
    headline(one(root, "[data-says=before]"), original(s), "before");
    const answer = answerAt(s, s.k);
    headline(one(root, "[data-says=after]"), answer?.top ?? null, now === original(s)?.index ? "before" : "after");
  });
}

/* The rows as the server drew them, completed to a fixed number, each with handles on what changes. */
export function slots(table) {
  const body = one(table, "tbody");
  const sides = table.dataset.bars.split(" ");
  return Array.from({ length: SLOTS }, (_, i) => {
    const row = body.rows[i] ?? body.appendChild(emptyRow(sides));
    return {
      row,
      label: one(row, "th"),
      sides: sides.map((side) => ({ bar: one(row, `[data-bar=${side}]`), value: one(row, `[data-value=${side}]`) })),
    };
  });
}

function emptyRow(sides) {
  const cells = sides.flatMap((side) => [
    make(
      "td",
      { class: "track" },
      draw(
        "svg",
        { class: "bar", "aria-hidden": "true" },
        draw("rect", { "data-bar": side, width: "0%", height: "100%" }),
      ),
    ),
    make("td", { "data-value": side }),
  ]);
  return make("tr", {}, make("th", { scope: "row" }), ...cells);
}

export function fill({ row, label, sides: handles }, shown, sides, bounds) {
  row.dataset.role = shown?.role ?? "none";
  row.setAttribute("aria-hidden", String(!shown)); // its height is kept, there is nothing to read
  tell(label, shown?.name ?? "\u00a0");
  label.title = shown?.label ?? shown?.name ?? "";
  handles.forEach(({ bar, value }, i) => {
    const probability = shown ? shown[sides[i]] : null;
    bar.setAttribute("width", `${((probability ?? 0) * 100).toFixed(2)}%`);
    tell(value, shown ? figure(probability, bounds[sides[i]]) : "\u00a0");
  });
}

/* A class outside the ten likeliest: its probability is not known yet, but it is below theirs. */
function figure(probability, bound) {
  if (probability !== null) return exactPercent(probability);
  if (bound === undefined) return "–";
  return bound < 0.001 ? exactPercent(bound) : `<\u202f${exactPercent(bound)}`;
}

function headline(node, entry, role) {
  node.dataset.role = entry ? role : "waiting";
  const beside = entry && entry.name !== entry.label ? [" ", make("small", { lang: "en" }, entry.label)] : [];
  one(node, "b").replaceChildren(entry?.name ?? "…", ...beside);
  tell(one(node, "span"), entry ? exactPercent(entry.probability) : "");
}
