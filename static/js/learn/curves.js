/* Up to five curves in one chart: two neutral colours and dashes tell them apart, here and beside their names. */

import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { draw as svg } from "../lib/page.js";
import { resolved } from "../lib/palette.js";

const HEIGHT = 260;
const STYLES = [
  { colour: "--network-a", width: 2.75, dash: [] },
  { colour: "--network-b", width: 2.75, dash: [12, 4] },
  { colour: "--network-a", width: 2, dash: [2, 4] },
  { colour: "--network-b", width: 2, dash: [] },
  { colour: "--network-a", width: 2, dash: [10, 3, 2, 3] },
];

/* Where the system chooses the colours, all curves have one: two full lines would be the same. */
const FORCED = { 3: [16, 4, 2, 4, 2, 4] };

export const MOST = STYLES.length;

const styleOf = (place) => {
  const forced = matchMedia("(forced-colors: active)").matches && FORCED[place];
  return forced ? { ...STYLES[place], dash: forced } : STYLES[place];
};

/* A short piece of the curve at that place, for a legend. */
export function swatch(place) {
  const { colour, width, dash } = styleOf(place);
  const line = { x1: 0, x2: 34, y1: 5, y2: 5, stroke: `var(${colour})`, "stroke-width": width };
  const stroke = svg("line", dash.length ? { ...line, "stroke-dasharray": dash.join(" ") } : line);
  return svg("svg", { class: "swatch", viewBox: "0 0 34 10", width: 34, height: 10, "aria-hidden": "true" }, stroke);
}

/* draw({curves, x, y}) draws anew; it follows the window's width and the theme.
   curves: [{name, points: [[x, y]…]}] in the order of their styles; x: {end}; y: {top, say(tick)}. */
export function curveChart(box) {
  let plot = null;
  let last = null;
  const draw = (what) => {
    last = what;
    plot?.destroy();
    plot = build(box, what);
  };
  const again = () => last && draw(last);
  new ResizeObserver(
    () => plot && plot.width !== box.clientWidth && plot.setSize({ width: box.clientWidth, height: HEIGHT }),
  ).observe(box);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  return { draw };
}

function build(box, { curves, x, y }) {
  const colour = (name) => resolved(box, name);
  const axis = {
    stroke: colour("--text-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(box).fontFamily}`,
  };
  const options = {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [0, x.end] }, y: { range: [0, y.top] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        values: (_, ticks) => ticks.map((tick) => tick.toLocaleString("en")),
      },
      { ...axis, space: 40, values: (_, ticks) => ticks.map(y.say), size: 56 },
    ],
    series: [
      {},
      ...curves.map(({ name }, place) => {
        const { colour: token, width, dash } = styleOf(place);
        return { label: name, stroke: colour(token), width, dash, spanGaps: true, points: { show: false } };
      }),
    ],
  };
  return new uPlot(options, together(curves), box);
}

/* One column of x for all, and each curve's values at those places, null where it has none. */
function together(curves) {
  const places = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const columns = curves.map(({ points }) => {
    const found = new Map(points);
    return places.map((x) => found.get(x) ?? null);
  });
  return [places, ...columns];
}
