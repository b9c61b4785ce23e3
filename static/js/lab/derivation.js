/* How one pixel was computed, with its neighbourhood magnified: through the four steps of a map of signs, or, of other
   attacks, from the picture to the file. */

import { all, draw, one, show, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { addSigns, magnification } from "./canvas.js";
import { swept } from "./evidence.js";

const AROUND = 4; // pixels on each side: 9 × 9 in all
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function derivation(root, store) {
  const section = one(root, "[data-derivation]");
  const inputs = { x: one(section, "[name=x]"), y: one(section, "[name=y]") };
  const channels = all(section, "[data-step=value] td").length;
  const grids = Object.fromEntries(all(section, "[data-grid]").map((svg) => [svg.dataset.grid, cellsOf(svg)]));
  for (const frame of all(root, "[data-frame=x] .frame, [data-frame=a] .frame, [data-frame=s] .frame")) {
    frame.addEventListener("click", (event) => choosePixel(store, placeIn(frame, event, store.get().picture)));
  }
  for (const grid of all(section, "[data-grid]")) {
    grid.addEventListener(
      "click",
      (event) =>
        event.target.dataset.dx && step(store, Number(event.target.dataset.dx), Number(event.target.dataset.dy)),
    );
  }
  one(section, "[data-pixel-keys]").addEventListener("keydown", (event) => {
    if (!STEPS[event.key] || event.target.matches("input")) return;
    event.preventDefault();
    const by = event.shiftKey ? 10 : 1;
    step(store, STEPS[event.key][0] * by, STEPS[event.key][1] * by);
  });
  for (const input of Object.values(inputs)) {
    input.addEventListener("change", () =>
      choosePixel(store, { x: inputs.x.valueAsNumber, y: inputs.y.valueAsNumber }),
    );
  }
  store.on((s) => {
    const ray = swept(s);
    for (const part of all(section, "[data-of]")) show(part, (part.dataset.of === "ray") === ray);
    one(section, ".steps").dataset.count = ray ? 4 : 3;
    const ready = Boolean(s.pixels && (ray ? s.signs : s.file) && s.exact !== false);
    section.classList.toggle("waiting", !ready);
    show(one(section, "[data-derivation-hidden]"), s.exact === false);
    if (!ready) return;
    const place = clamped(s.pixel ?? middle(s.picture), s.pixels);
    for (const axis of ["x", "y"]) {
      inputs[axis].max = (axis === "x" ? s.pixels.width : s.pixels.height) - 1;
      if (document.activeElement !== inputs[axis]) inputs[axis].value = place[axis];
    }
    if (ray) explain(section, pixelAt(s, place, channels));
    else compare(section, s, place, channels);
    paintGrids(grids, s, place, ray);
    if (s.pixel) cross(root, place, s.pixels);
  });
}

const middle = ({ width, height }) => ({ x: Math.floor(width / 2), y: Math.floor(height / 2) });

function choosePixel(store, place) {
  if (place && Number.isFinite(place.x) && Number.isFinite(place.y)) store.set({ pixel: place });
}

function step(store, dx, dy) {
  const s = store.get();
  const from = clamped(s.pixel ?? middle(s.picture), s.picture);
  choosePixel(store, clamped({ x: from.x + dx, y: from.y + dy }, s.picture));
}

function clamped({ x, y }, { width, height }) {
  return { x: Math.min(width - 1, Math.max(0, Math.round(x))), y: Math.min(height - 1, Math.max(0, Math.round(y))) };
}

/* Where in the picture a click on its frame fell; the picture may be smaller than its frame. */
function placeIn(frame, event, picture) {
  if (!picture) return null;
  const box = frame.getBoundingClientRect();
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const x = (event.clientX - box.left - (box.width - picture.width * scale) / 2) / scale;
  const y = (event.clientY - box.top - (box.height - picture.height * scale) / 2) / scale;
  return clamped({ x: Math.floor(x), y: Math.floor(y) }, picture);
}

/* The channels of one pixel, one for each row that the page has: value, sign, step, sum before and after clamping. */
function pixelAt({ pixels, signs, k }, { x, y }, count) {
  const at = (y * pixels.width + x) * 4;
  const channels = Array.from({ length: count }, (_, c) => {
    const [value, sign] = [pixels.data[at + c], signs[at + c]];
    const sum = value + k * sign;
    return { value, sign, step: k * sign, sum, result: Math.min(255, Math.max(0, sum)) };
  });
  return { x, y, k, channels };
}

/* Of an attack that took its own way only its two ends are known exactly: the picture's value and the file's. */
function compare(section, { pixels, file }, { x, y }, count) {
  const at = (y * pixels.width + x) * 4;
  const values = Array.from({ length: count }, (_, c) => [pixels.data[at + c], file.data[at + c]]);
  const cells = {
    value: values.map(([before]) => before),
    change: values.map(([before, after]) => signed(after - before)),
    file: values.map(([, after]) => after),
  };
  fillCells(section, cells);
  const still = values.every(([before, after]) => before === after);
  tell(
    one(section, "[data-unmoved]"),
    still
      ? gettext("It was left as it was.")
      : gettext("All its steps together, rounded to whole levels. What it was on the way is not kept for each pixel."),
  );
}

function fillCells(section, cells) {
  for (const [name, values] of Object.entries(cells)) {
    for (const [c, cell] of all(section, `[data-step=${name}] td`).entries()) tell(cell, String(values[c]));
  }
}

const signed = (value) => (value > 0 ? `+${value}` : value < 0 ? `−${-value}` : "0");

function explain(section, { k, channels }) {
  const cells = {
    value: channels.map(({ value }) => value),
    sign: channels.map(({ sign }) => (sign ? signed(sign) : "0")),
    step: channels.map(({ step: by }) => signed(by)),
    result: channels.map(({ result }) => result),
  };
  fillCells(section, cells);
  tell(one(section, "[data-epsilon]"), `${k}/255`);
  const cut = channels.filter(({ sum, result }) => sum !== result);
  tell(
    one(section, "[data-clamped]"),
    cut.length
      ? say(gettext("%(sum)s does not exist: cut off at %(result)s."), {
          sum: signed(cut[0].sum),
          result: cut[0].result,
        })
      : gettext("All within 0 to 255: nothing to cut off."),
  );
  const unseen = channels.every(({ sign }) => sign === 0);
  tell(
    one(section, "[data-unseen]"),
    unseen
      ? gettext(
          "The network does not see this pixel, or its gradient is zero: a small change of it changes nothing here, a large one may.",
        )
      : gettext("Up (+) or down (−): whichever raises the loss."),
  );
}

function cellsOf(svg) {
  const cells = [];
  for (let dy = -AROUND; dy <= AROUND; dy += 1) {
    for (let dx = -AROUND; dx <= AROUND; dx += 1) {
      cells.push(
        svg.appendChild(
          draw("rect", { x: dx + AROUND, y: dy + AROUND, width: 1.02, height: 1.02, "data-dx": dx, "data-dy": dy }),
        ),
      );
    }
  }
  svg.append(draw("rect", { x: AROUND, y: AROUND, width: 1, height: 1, class: "centre" }));
  return cells;
}

function paintGrids(grids, s, { x, y }, ray) {
  const { width, height } = s.pixels;
  const sources = ray ? sourcesOfRay(s) : sourcesOfFile(s);
  let i = 0;
  for (let dy = -AROUND; dy <= AROUND; dy += 1) {
    for (let dx = -AROUND; dx <= AROUND; dx += 1, i += 1) {
      const inside = x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height;
      const at = ((y + dy) * width + x + dx) * 4;
      for (const [name, source] of Object.entries(sources)) {
        const rgb = inside ? `rgb(${[0, 1, 2].map((c) => source(at + c)).join(" ")})` : "none";
        grids[name][i].setAttribute("fill", rgb);
      }
    }
  }
}

/* What each grid shows at a place in the pixels' bytes. */
function sourcesOfRay({ pixels, signs, changed, k }) {
  const same = changed?.width === pixels.width && changed.height === pixels.height;
  const after = same ? changed : addSigns(pixels, signs, k);
  return { before: (n) => pixels.data[n], sign: (n) => 128 + 127 * signs[n], after: (n) => after.data[n] };
}

function sourcesOfFile({ pixels, file, classifier }) {
  const times = magnification(classifier.levels);
  const change = (n) => Math.min(255, Math.max(0, 128 + times * (file.data[n] - pixels.data[n])));
  return { before: (n) => pixels.data[n], change, file: (n) => file.data[n] };
}

/* A small ring on every picture says which pixel it is. */
function cross(root, { x, y }, { width }) {
  for (const mark of all(root, ".frame [data-pixel]")) {
    mark.setAttribute("cx", x + 0.5);
    mark.setAttribute("cy", y + 0.5);
    mark.setAttribute("r", width / 60);
  }
}
