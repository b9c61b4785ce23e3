/* A pen on a sheet of 28 by 28 pixels: finger, pen or mouse; or arrows and Space. */

import { all, one, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { SIDE } from "./digits.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 4; // pixels at once, with Shift
const APART = 0.5; // pixels between two marks of a line, however fast it was drawn

/* Draws on the canvas of `frame` while `writes()`: `mark(places)` is given where the pen was, [[x, y], …] in the
   canvas's pixels; `lifted()` follows each stroke. The frame has a `.pen` for the keyboard's pen and a status line. */
export function drawable(frame, { writes, mark, lifted }) {
  const sheet = one(frame, "canvas");
  byPointer(sheet, { writes, mark, lifted });
  byKeyboard(frame, sheet, { writes, mark, lifted });
}

/* A sheet that is drawn on can be reached by keyboard; a picture is none of its stops. */
export function writable(frame, may) {
  const sheet = one(frame, "canvas");
  sheet.setAttribute("role", may ? "application" : "img");
  if (may) sheet.tabIndex = 0;
  else sheet.removeAttribute("tabindex");
}

/* Where a pointer is, in the canvas's own pixels. */
export function placeOn(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [
    ((event.clientX - box.left) / box.width) * canvas.width,
    ((event.clientY - box.top) / box.height) * canvas.height,
  ];
}

function byPointer(sheet, { writes, mark, lifted }) {
  let last = null;
  sheet.addEventListener("pointerdown", (event) => {
    if (!writes() || event.button !== 0) return;
    sheet.setPointerCapture(event.pointerId);
    last = placeOn(sheet, event);
    mark([last]);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!last || !event.buttons) return;
    const next = placeOn(sheet, event);
    mark(line(last, next));
    last = next;
  });
  for (const end of ["pointerup", "pointercancel"])
    sheet.addEventListener(end, () => {
      if (last) lifted();
      last = null;
    });
}

/* Arrows move the pen, Space sets it down or lifts it; where it is, is shown and told. */
function byKeyboard(frame, sheet, { writes, mark, lifted }) {
  const nib = { at: [SIDE / 2, SIDE / 2], down: false };
  const told = () => {
    for (const circle of all(frame, ".pen")) {
      circle.setAttribute("cx", nib.at[0]);
      circle.setAttribute("cy", nib.at[1]);
      circle.toggleAttribute("data-down", nib.down);
    }
    const [x, y] = nib.at;
    const where = nib.down ? gettext("pen down, column %(x)s, row %(y)s") : gettext("pen up, column %(x)s, row %(y)s");
    tell(one(frame, "[data-pen]"), say(where, { x, y }));
  };
  const lift = () => {
    if (nib.down) lifted();
    nib.down = false;
  };
  sheet.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!writes() || event.ctrlKey || event.metaKey || event.altKey || !(step || event.key === " ")) return;
    event.preventDefault();
    if (step) {
      const before = nib.at;
      nib.at = before.map((place, axis) => inside(place + step[axis] * (event.shiftKey ? FAR : 1)));
      if (nib.down) mark(line(before, nib.at));
    } else if (nib.down) lift();
    else {
      nib.down = true;
      mark([nib.at]);
    }
    told();
  });
  sheet.addEventListener("blur", lift);
}

const inside = (place) => Math.min(SIDE - 1, Math.max(1, place));

/* Places from one to the other, the second among them. */
function line(from, to) {
  const count = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / APART));
  return Array.from({ length: count }, (_, at) =>
    from.map((place, axis) => place + ((to[axis] - place) * (at + 1)) / count),
  );
}
