/* The drawing pad: strokes on a grid of 28 by 28, made with finger, pen, mouse or keyboard; asked about as a picture. */

import { one, show, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { takeFile } from "./flow.js";

const SIDE = 28; // cells; a stroke's points lie between 0 and this
const NIB = 2.4; // cells: what MNIST's pens left, about
const PAPER = { pen: "#000", sheet: "#fff" }; // what is sent, whatever the theme
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function pad(root, store) {
  const box = one(root, "[data-draw]");
  if (!box) return; // this network is not asked about drawings
  const sheet = one(box, "canvas");
  const drawing = { strokes: [], cursor: { x: SIDE / 2, y: SIDE / 2 }, writing: false };
  const changed = () => {
    paint(sheet, drawing);
    for (const name of ["ask", "undo", "clear"]) one(box, `[data-${name}]`).disabled = !drawing.strokes.length;
  };
  const act = {
    ask: async () => drawing.strokes.length && takeFile(store, await asFile(drawing.strokes)),
    undo: () => drawing.strokes.pop(),
    clear: () => drawing.strokes.splice(0),
  };
  for (const [name, doIt] of Object.entries(act)) {
    one(box, `[data-${name}]`).addEventListener("click", () => {
      lift(drawing);
      doIt();
      changed();
      if (name !== "ask" && !drawing.strokes.length) sheet.focus(); // the button just pressed can be pressed no more
    });
  }
  byPointer(sheet, drawing, changed);
  byKeyboard(sheet, { drawing, act, changed, status: one(box, "[data-pad-status]") });
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  store.on((s) => show(box, !s.readonly));
  changed();
}

/* Follows one pointer at a time; the page does not scroll under it (touch-action: none). */
function byPointer(sheet, drawing, changed) {
  let pointer = null;
  const add = (event) => drawing.strokes.at(-1).push(place(sheet, event));
  sheet.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    sheet.setPointerCapture(pointer);
    lift(drawing);
    drawing.strokes.push([]);
    add(event);
    changed();
  });
  sheet.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const between = event.getCoalescedEvents?.() ?? [];
    (between.length ? between : [event]).forEach(add);
    changed();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    sheet.addEventListener(name, (event) => {
      if (event.pointerId === pointer) pointer = null;
    });
  }
}

/* Arrows move the pen, Space sets it down or lifts it; what it does is said to those who do not see it. */
function byKeyboard(sheet, { drawing, act, changed, status }) {
  const keys = { " ": () => press(drawing), Backspace: act.undo, Enter: act.ask };
  sheet.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(STEPS[event.key] || keys[event.key])) return;
    event.preventDefault();
    if (STEPS[event.key]) travel(drawing, STEPS[event.key], event.shiftKey ? 4 : 1);
    else if (event.key !== " ") lift(drawing);
    keys[event.key]?.();
    changed();
    tell(status, said(drawing));
  });
  for (const name of ["focus", "blur"]) {
    sheet.addEventListener(name, () => {
      if (name === "blur") lift(drawing);
      changed();
    });
  }
}

function press(drawing) {
  drawing.writing = !drawing.writing;
  if (drawing.writing) drawing.strokes.push([{ ...drawing.cursor }]);
}

function lift(drawing) {
  drawing.writing = false;
}

function travel(drawing, [dx, dy], by) {
  const inside = (value) => Math.min(SIDE - 1, Math.max(1, value));
  drawing.cursor = { x: inside(drawing.cursor.x + dx * by), y: inside(drawing.cursor.y + dy * by) };
  if (drawing.writing) drawing.strokes.at(-1).push({ ...drawing.cursor });
}

function said({ cursor, writing }) {
  const template = writing ? gettext("pen down, column %(x)s, row %(y)s") : gettext("pen up, column %(x)s, row %(y)s");
  return say(template, cursor);
}

function place(sheet, event) {
  const box = sheet.getBoundingClientRect();
  return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
}

/* On the page the theme decides the colours: the canvas's own, and a ring where the keyboard's pen is. */
function paint(sheet, { strokes, cursor, writing }) {
  const context = sheet.getContext("2d");
  const { color } = getComputedStyle(sheet);
  context.clearRect(0, 0, sheet.width, sheet.height);
  drawStrokes(context, strokes, color);
  if (!sheet.matches(":focus-visible")) return;
  const cell = sheet.width / SIDE;
  context.beginPath();
  context.arc(cursor.x * cell, cursor.y * cell, NIB * cell * 0.8, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.setLineDash(writing ? [] : [6, 6]);
  context.strokeStyle = getComputedStyle(sheet).outlineColor;
  context.stroke();
  context.setLineDash([]);
}

function drawStrokes(context, strokes, colour) {
  const cell = context.canvas.width / SIDE;
  Object.assign(context, { strokeStyle: colour, lineWidth: NIB * cell, lineCap: "round", lineJoin: "round" });
  for (const [first, ...rest] of strokes) {
    context.beginPath();
    context.moveTo(first.x * cell, first.y * cell);
    if (!rest.length) context.lineTo(first.x * cell + 0.1, first.y * cell); // a line of no length is not drawn: a dot is
    for (const { x, y } of rest) context.lineTo(x * cell, y * cell);
    context.stroke();
  }
}

/* A black pen on a white sheet, as a PNG. */
async function asFile(strokes) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16 * SIDE;
  const context = canvas.getContext("2d");
  context.fillStyle = PAPER.sheet;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawStrokes(context, strokes, PAPER.pen);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new File([blob], "drawing.png", { type: "image/png" });
}
