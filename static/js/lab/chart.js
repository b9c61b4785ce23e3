/* Lines over epsilon or over steps: each in its role's colour and dash, a marker at one place, dragging to move it. */

import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { make } from "../lib/page.js";
import { dottedLine, resolved } from "../lib/palette.js";
import { percents } from "../lib/words.js";

const HEIGHT = 260;

/* One colour and one more cue for every role; the same names are classes of the legend. */
const STYLES = {
  original: { colour: "--original", width: 2.75 },
  adversarial: { colour: "--adversarial", width: 2.75 },
  control: { colour: "--control", width: 2, hollow: true, dots: 8 }, // nothing is claimed of the places between
  loss: { colour: "--text-soft", width: 2, dash: [2, 4], hollow: true, scale: "loss" },
  standard: { colour: "--network-a", width: 2.75 },
  hardened: { colour: "--network-b", width: 2.75, dash: [12, 4] },
};
/* Where the system chooses the colours, all lines have one: then dashes tell them apart. */
const FORCED = { adversarial: [14, 4, 3, 4] };
const dashOf = (role) => (matchMedia("(forced-colors: active)").matches && FORCED[role]) || STYLES[role].dash;

/* lines() gives [{name, role, values}], one value a place, null where a line is broken, empty while there is nothing to
   draw; level() is the marker's place. axis() says where the places lie, {at, end, incrs}, if not at 0, 1, 2 and so on;
   rules() which upright lines are drawn besides, [{at, colour}]. */
export function lineChart(box, { lines, level, onLevel, axis = levelsOf, rules = () => [] }) {
  let plot = null;
  const rebuild = () => {
    plot?.destroy();
    plot = lines().length ? build(box, { lines: lines(), level, onLevel, axis: axis(lines()), rules }) : null;
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

function levelsOf([{ values }]) {
  return { at: values.map((_, k) => k), end: values.length - 1, incrs: [2, 4, 8, 16, 32] };
}

/* Values up to each null, as lines of their own: a gap in one line would be bridged by a sliver. */
function unbroken(values) {
  const breaks = [-1, ...values.flatMap((value, i) => (value === null ? [i] : [])), values.length];
  return breaks.slice(1).map((end, n) => values.map((value, i) => (i > breaks[n] && i < end ? value : null)));
}

/* Dots have no line to be bridged by. */
const piecesOf = ({ values, role, ...line }) =>
  (STYLES[role].dots ? [values] : unbroken(values)).map((piece) => ({ ...line, role, values: piece }));

function build(box, { lines, level, onLevel, axis: { at, end, incrs }, rules }) {
  const colour = (name) => resolved(box, name);
  const axis = {
    stroke: colour("--text-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(box).fontFamily}`,
  };
  const pieces = lines.flatMap(piecesOf);
  const second = lines.some(({ role }) => STYLES[role].scale);
  const options = {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, second ? 0 : 14, 0, 0],
    legend: { show: false },
    cursor: { show: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [at[0], Math.max(end, at[0] + 1)] }, y: { range: [0, 1] }, loss: {} },
    axes: [
      { ...axis, space: 40, incrs, grid: { show: false }, size: 30 },
      {
        ...axis,
        splits: [0, 0.25, 0.5, 0.75, 1],
        values: (_, ticks) => ticks.map((tick) => percents(tick * 100)),
        size: 52,
      },
      ...(second ? [{ ...axis, scale: "loss", side: 1, grid: { show: false }, size: 44, values: shortly }] : []),
    ],
    series: [
      {},
      ...pieces.map(({ name, role }) => ({
        label: name,
        stroke: colour(STYLES[role].colour),
        width: STYLES[role].width,
        dash: dashOf(role),
        scale: STYLES[role].scale ?? "y",
        ...shapeOf(STYLES[role], colour),
      })),
    ],
    hooks: {
      drawClear: [(plot) => upright(plot, rules(), colour)],
      draw: [(plot) => marker(plot, at, level(), lines, colour)],
      ready: [(plot) => drag(plot.over, plot, onLevel)],
    },
  };
  return new uPlot(options, [at, ...pieces.map((piece) => piece.values)], box);
}

function shapeOf({ dots, colour: name }, colour) {
  if (!dots) return { points: { show: false } };
  return {
    paths: () => null,
    points: { show: true, size: dots, width: 2, stroke: colour(name), fill: colour("--paper") },
  };
}

const shortly = (_, ticks) => ticks.map((tick) => String(Number(tick.toPrecision(3))));

function upright(plot, rules, colour) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const rule of rules) {
    const x = Math.round(plot.valToPos(rule.at, "x", true)) + 0.5;
    ctx.strokeStyle = colour(rule.colour);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/* A line at the slider's place with a dot on every curve. */
function marker(plot, at, k, lines, colour) {
  const { ctx } = plot;
  const x = Math.round(plot.valToPos(at[k], "x", true)) + 0.5;
  const ratio = devicePixelRatio;
  ctx.save();
  dottedLine(plot, x, colour);
  for (const { role, values } of lines) {
    const style = STYLES[role];
    if (values[k] === null) continue;
    ctx.beginPath();
    ctx.arc(x, plot.valToPos(values[k], style.scale ?? "y", true), 4.5 * ratio, 0, 2 * Math.PI);
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
