/* Probabilities over epsilon: the class before, the class after, the class before under noise; drag to move the level. */

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { complete, original, rungs, target } from "./evidence.js";
import { make, one, show, tell } from "./page.js";
import { setLevel } from "./slider.js";
import { exactPercent, say } from "./words.js";

const HEIGHT = 260;

export function curves(root, store) {
  const box = one(root, "[data-chart]");
  const chart = { plot: null, ladder: null };
  const rebuild = () => {
    chart.plot?.destroy();
    chart.plot = complete(store.get()) ? build(box, store) : null;
  };
  store.on((s) => {
    if (chart.ladder !== rungs(s)) {
      chart.ladder = rungs(s);
      rebuild();
      legend(root, s);
      table(one(root, "[data-chart-table]"), s);
    }
    chart.plot?.redraw(false);
    tell(one(root, "[data-chart-waiting]"), complete(s) ? "" : pending(s));
    show(one(root, "[data-chart-waiting]"), !complete(s));
  });
  new ResizeObserver(() => chart.plot && chart.plot.width !== box.clientWidth && chart.plot.setSize({ width: box.clientWidth, height: HEIGHT })).observe(box);
  new MutationObserver(rebuild).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
}

function pending(s) {
  const progress = s.ladder?.progress;
  if (["failed", "cancelled"].includes(s.ladder?.status)) return gettext("The other levels were not judged.");
  return progress?.total > 1 ? say(gettext("%(done)s of %(total)s levels judged…"), progress) : gettext("The curves come with the levels…");
}

/* [{name, role, values}]: only what there is to draw. */
function series(s) {
  const ladder = rungs(s);
  const column = (index) => ladder.classes.findIndex((entry) => entry.index === index);
  const along = (index) => ladder.rungs.map((rung) => rung.probabilities[column(index)]);
  const from = original(s);
  const lines = [{ name: from.label, role: "original", values: along(from.index) }];
  const fresh = target(s) ?? ladder.new;
  if (fresh && fresh.index !== from.index) lines.push({ name: fresh.label, role: "adversarial", values: along(fresh.index) });
  const noise = ladder.rungs.map((rung) => rung.control.p_original);
  return [...lines, { name: say(gettext("%(label)s under random noise"), { label: from.label }), role: "control", values: noise }];
}

function build(box, store) {
  const s = store.get();
  const lines = series(s);
  const ink = (name) => resolved(box, name);
  const axis = { stroke: ink("--ink-soft"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false }, font: `12px ${getComputedStyle(box).fontFamily}` };
  const options = {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [0, rungs(s).rungs.length - 1] }, y: { range: [0, 1] } },
    axes: [
      { ...axis, space: 40, incrs: [2, 4, 8], grid: { show: false }, size: 30 },
      { ...axis, splits: [0, 0.25, 0.5, 0.75, 1], values: (_, ticks) => ticks.map((tick) => `${tick * 100}\u202f%`), size: 52 },
    ],
    series: [
      {},
      ...lines.map(({ name, role }) => ({ label: name, stroke: ink(`--${role}`), width: role === "control" ? 2 : 2.75, dash: role === "control" ? [6, 5] : undefined, points: { show: false } })),
    ],
    hooks: { draw: [(plot) => marker(plot, store.get(), lines, ink)], ready: [(plot) => drag(plot.over, plot, store)] },
  };
  return new uPlot(options, [rungs(s).rungs.map((rung) => rung.k), ...lines.map((line) => line.values)], box);
}

/* Tokens say light-dark(); a canvas needs the colour that it comes to. */
function resolved(box, name) {
  const probe = box.appendChild(make("i"));
  probe.style.color = `var(${name})`;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/* A line at the slider's level with a dot on every curve. */
function marker(plot, s, lines, ink) {
  const { ctx } = plot;
  const x = Math.round(plot.valToPos(s.k, "x", true)) + 0.5;
  const { top, height } = plot.bbox;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ink("--ink");
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.setLineDash([]);
  for (const { role, values } of lines) {
    ctx.beginPath();
    ctx.arc(x, plot.valToPos(values[s.k], "y", true), 4.5 * ratio, 0, 2 * Math.PI);
    ctx.fillStyle = role === "control" ? ink("--paper") : ink(`--${role}`);
    ctx.strokeStyle = role === "control" ? ink("--control") : ink("--paper");
    ctx.lineWidth = 2 * ratio;
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

function drag(over, plot, store) {
  const move = (event) => {
    if (event.buttons) setLevel(store, plot.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
  };
  over.addEventListener("pointerdown", (event) => {
    over.setPointerCapture(event.pointerId);
    move(event);
  });
  over.addEventListener("pointermove", move);
}

function legend(root, s) {
  const list = one(root, "[data-legend]");
  const entries = complete(s) ? series(s) : [];
  list.replaceChildren(...entries.map(({ name, role }) => make("li", { class: role }, make("i", { "aria-hidden": "true" }), name)));
}

/* The same figures as a table, for everyone who would rather read them. */
function table(node, s) {
  if (!complete(s)) return node.replaceChildren();
  const lines = series(s);
  const head = make("tr", {}, ...["ε", gettext("the network says"), ...lines.map((line) => line.name)].map((text) => make("th", { scope: "col" }, text)));
  const rows = rungs(s).rungs.map((rung) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, `${rung.k}/255`),
      make("td", {}, rung.top.label),
      ...lines.map((line) => make("td", {}, exactPercent(line.values[rung.k]))),
    ),
  );
  return node.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
}
