/* Curves over the epochs: loss, error, and accuracy under attack. Every line has a colour, a dash and a name. */

import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { make, one, show } from "../lib/page.js";
import { dottedLine, resolved } from "../lib/palette.js";
import { percents } from "../lib/words.js";

const HEIGHT = 220;
const MARGIN = 1.08; // above the highest point

const STYLES = {
  learnt: { colour: "--text-soft", width: 2, dash: [2, 4], hollow: true },
  clean: { colour: "--original", width: 2.75 },
  weak: { colour: "--adversarial", width: 2, dash: [9, 5], hollow: true },
  strong: { colour: "--adversarial", width: 2.75 },
};

const percent = (tick) => percents(Number((tick * 100).toPrecision(3)));
const plain = (tick) => String(Number(tick.toPrecision(3)));

/* In each chart: its lines, its highest value where it is fixed, and how a tick is said. */
const CHARTS = {
  loss: {
    say: plain,
    lines: () => [
      line(gettext("training"), "learnt", "training_loss"),
      line(gettext("validation"), "clean", "validation_loss"),
    ],
  },
  error: {
    say: percent,
    lines: () => [
      line(gettext("training"), "learnt", "training_error"),
      line(gettext("validation"), "clean", "validation_error"),
    ],
  },
  attack: {
    most: 1,
    say: percent,
    lines: () => [
      { name: gettext("as they are"), style: "clean", read: (epoch) => 1 - epoch.validation_error },
      line(gettext("under FGSM"), "weak", "fgsm_accuracy"),
      line(gettext("under PGD-10"), "strong", "pgd_accuracy"),
    ],
  },
};

function line(name, style, key) {
  return { name, style, read: (epoch) => epoch[key] };
}

/* draw(result) draws all of a training's curves; they follow the window's width and the theme. */
export function charts(root) {
  const plots = Object.entries(CHARTS).map(([name, chart]) => plotted(root, name, chart));
  let shown = null;
  const draw = (result) => {
    shown = result;
    for (const plot of plots) plot(result);
  };
  const again = () => shown && draw(shown);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  return { draw };
}

function plotted(root, name, chart) {
  const box = one(root, `[data-chart=${name}]`);
  let plot = null;
  new ResizeObserver(
    () => plot && plot.width !== box.clientWidth && plot.setSize({ width: box.clientWidth, height: HEIGHT }),
  ).observe(box);
  return ({ epochs, config, version }) => {
    const lines = chart.lines().filter(({ read }) => epochs.some((epoch) => read(epoch) !== null));
    const best = epochs.findLast((epoch) => epoch.best)?.number ?? null;
    plot?.destroy();
    plot = epochs.length
      ? build(box, { chart, lines, epochs, best, of: version ? epochs.length : config.epochs })
      : null;
    legend(one(root, `[data-legend=${name}]`), epochs.length ? lines : chart.lines(), best);
    show(one(box, "[data-chart-waiting]"), !epochs.length);
  };
}

function legend(list, lines, best) {
  const items = lines.map(({ name, style }) =>
    make("li", { class: style }, make("i", { "aria-hidden": "true" }), name),
  );
  if (best)
    items.push(
      make(
        "li",
        { class: "kept" },
        make("i", { "aria-hidden": "true" }),
        interpolate(gettext("best: epoch %s"), [best]),
      ),
    );
  list.replaceChildren(...items);
}

function build(box, { chart, lines, epochs, best, of }) {
  const colour = (name) => resolved(box, name);
  const axis = {
    stroke: colour("--text-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(box).fontFamily}`,
  };
  const values = lines.map(({ read }) => epochs.map(read));
  const top = chart.most ?? (Math.max(...values.flat()) * MARGIN || 1);
  const options = {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [of > 1 ? 1 : 0, Math.max(2, of)] }, y: { range: [0, top] } },
    axes: [
      { ...axis, space: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500], grid: { show: false }, size: 30 },
      { ...axis, space: 40, values: (_, ticks) => ticks.map(chart.say), size: 56 },
    ],
    series: [{}, ...lines.map(({ name, style }) => series(name, STYLES[style], colour))],
    hooks: { drawClear: [(plot) => best && marker(plot, best, colour)] },
  };
  return new uPlot(options, [epochs.map((epoch) => epoch.number), ...values], box);
}

function series(label, { colour: token, width, dash, hollow }, colour) {
  const few = {
    show: (plot) => plot.data[0].length <= 30,
    size: 7,
    width: 2,
    dash: [],
    stroke: colour(token),
    fill: colour(hollow ? "--paper" : token),
  };
  return { label, stroke: colour(token), width, dash, points: few };
}

/* A dotted line at the epoch that is kept. */
function marker(plot, epoch, colour) {
  plot.ctx.save();
  dottedLine(plot, Math.round(plot.valToPos(epoch, "x", true)) + 0.5, colour);
  plot.ctx.restore();
}
