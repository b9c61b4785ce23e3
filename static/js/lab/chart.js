/* Lines over epsilon: each in its role's colour and dash, a marker at one level, and dragging to move it. */

import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { make } from "../lib/page.js";
import { dottedLine, resolved } from "../lib/palette.js";

const HEIGHT = 260;

/* One colour and one more cue for every role; the same names are classes of the legend. */
const STYLES = {
  original: { colour: "--original", width: 2.75 },
  adversarial: { colour: "--adversarial", width: 2.75 },
  control: { colour: "--control", width: 2, dash: [6, 5], hollow: true },
  standard: { colour: "--network-a", width: 2.75 },
  hardened: { colour: "--network-b", width: 2.75, dash: [12, 4] },
};
/* Where the system chooses the colours, all lines have one: then dashes tell them apart. */
const FORCED = { adversarial: [14, 4, 3, 4] };
const dashOf = (role) => (matchMedia("(forced-colors: active)").matches && FORCED[role]) || STYLES[role].dash;

/* lines() gives [{name, role, values}], one value a level, empty while there is nothing to draw; level() the marker's. */
export function lineChart(box, { lines, level, onLevel }) {
  let plot = null;
  const rebuild = () => {
    plot?.destroy();
    plot = lines().length ? build(box, lines(), level, onLevel) : null;
  };
  new ResizeObserver(
    () => plot && plot.width !== box.clientWidth && plot.setSize({ width: box.clientWidth, height: HEIGHT }),
  ).observe(box);
  new MutationObserver(rebuild).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
  return { rebuild, redraw: () => plot?.redraw(false) };
}

export function legend(list, lines) {
  list.replaceChildren(
    ...lines.map(({ name, role }) => make("li", { class: role }, make("i", { "aria-hidden": "true" }), name)),
  );
}

function build(box, lines, level, onLevel) {
  const colour = (name) => resolved(box, name);
  const axis = {
    stroke: colour("--text-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(box).fontFamily}`,
  };
  const levels = lines[0].values.map((_, k) => k);
  const options = {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [0, levels.at(-1)] }, y: { range: [0, 1] } },
    axes: [
      { ...axis, space: 40, incrs: [2, 4, 8, 16, 32], grid: { show: false }, size: 30 },
      {
        ...axis,
        splits: [0, 0.25, 0.5, 0.75, 1],
        values: (_, ticks) => ticks.map((tick) => `${tick * 100}\u202f%`),
        size: 52,
      },
    ],
    series: [
      {},
      ...lines.map(({ name, role }) => ({
        label: name,
        stroke: colour(STYLES[role].colour),
        width: STYLES[role].width,
        dash: dashOf(role),
        points: { show: false },
      })),
    ],
    hooks: {
      draw: [(plot) => marker(plot, level(), lines, colour)],
      ready: [(plot) => drag(plot.over, plot, onLevel)],
    },
  };
  return new uPlot(options, [levels, ...lines.map((line) => line.values)], box);
}

/* A line at the slider's level with a dot on every curve. */
function marker(plot, k, lines, colour) {
  const { ctx } = plot;
  const x = Math.round(plot.valToPos(k, "x", true)) + 0.5;
  const ratio = devicePixelRatio;
  ctx.save();
  dottedLine(plot, x, colour);
  for (const { role, values } of lines) {
    const style = STYLES[role];
    ctx.beginPath();
    ctx.arc(x, plot.valToPos(values[k], "y", true), 4.5 * ratio, 0, 2 * Math.PI);
    ctx.fillStyle = colour(style.hollow ? "--paper" : style.colour);
    ctx.strokeStyle = colour(style.hollow ? style.colour : "--paper");
    ctx.lineWidth = 2 * ratio;
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

function drag(over, plot, onLevel) {
  const move = (event) => {
    if (event.buttons) onLevel(plot.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
  };
  over.addEventListener("pointerdown", (event) => {
    over.setPointerCapture(event.pointerId);
    move(event);
  });
  over.addEventListener("pointermove", move);
}
