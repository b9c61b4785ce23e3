/* A small map one can edit and move, and the two kinds of pooling of it: how much of each changes when it moves. */

import { all, make, one, tell } from "../../lib/page.js";
import { say } from "../../lib/words.js";
import { changed, moved, pooled } from "../maths/pooling.js";
import { shown } from "../parts.js";

const FURTHEST = 4; // places
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/* settings: {map: rows of zeros and ones, across, down: how far it has been moved}. */
export function start(root, settings) {
  let state = { ...settings };
  const cells = grid(one(root, "[data-map]"), settings.map);
  const set = (change) => {
    state = { ...state, ...change };
    draw(root, cells, state);
  };
  for (const [place, cell] of cells.entries()) cell.addEventListener("click", () => set(switched(state, place)));
  for (const button of all(root, "[data-move]"))
    button.addEventListener("click", () => {
      const [across, down] = button.dataset.move.split(" ").map(Number);
      set({ across: within(state.across + across), down: within(state.down + down) });
    });
  one(root, "[data-back]").addEventListener("click", () => set(settings));
  set({});
  return { set: (setting) => set({ ...settings, ...setting }) };
}

const within = (places) => Math.min(FURTHEST, Math.max(-FURTHEST, places));

/* What is edited is the map as it stands there: from now on changes are counted from that. */
function switched({ map, across, down }, place) {
  const flat = moved(map, across, down).flat();
  const side = map.length;
  flat[place] = 1 - flat[place];
  return { map: map.map((_, row) => flat.slice(row * side, (row + 1) * side)), across: 0, down: 0 };
}

/* A button for each cell; one of them is in the order of the Tab key, arrow keys go to the others. */
function grid(box, map) {
  const side = map.length;
  const cells = map.flatMap((row, r) =>
    row.map((_, c) =>
      make("button", {
        type: "button",
        tabindex: r || c ? -1 : 0,
        "data-last": [c % 2 && "column", r % 2 && "row"].filter(Boolean).join(" "),
        "aria-label": say(gettext("row %(row)s, column %(column)s"), { row: r + 1, column: c + 1 }),
      }),
    ),
  );
  box.replaceChildren(...cells);
  box.addEventListener("keydown", (event) => {
    const place = cells.indexOf(event.target);
    const [down, across] = STEPS[event.key] ?? [];
    if (place < 0 || down === undefined) return;
    event.preventDefault();
    const [row, column] = [Math.floor(place / side) + down, (place % side) + across];
    const next = row >= 0 && row < side && column >= 0 && column < side && cells[row * side + column];
    if (!next) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  return cells;
}

function draw(root, cells, { map, across, down }) {
  const now = moved(map, across, down);
  for (const [place, value] of now.flat().entries()) {
    cells[place].style.setProperty("--level", value);
    cells[place].setAttribute("aria-pressed", value === 1);
  }
  count(root, "map", changed(map, now), now);
  for (const box of all(root, "[data-pooled]")) {
    const { pooled: how } = box.dataset;
    const small = pooled(now, how);
    count(root, how, changed(pooled(map, how), small), small);
    if (!box.childElementCount) box.append(...small.flat().map(() => make("i")));
    for (const [place, value] of small.flat().entries()) {
      const cell = box.children[place];
      cell.style.setProperty("--level", value);
      cell.dataset.level = value > 0.5 ? "high" : value === 0.5 ? "middle" : "low";
      tell(cell, String(value));
    }
  }
  const words = gettext("Moved by %(across)s to the right, %(down)s down; counted against where it was before.");
  tell(one(root, "[data-is=moved]"), say(words, { across: whole(across), down: whole(down) }));
}

const whole = (number) => String(number).replace("-", "−");

function count(root, name, different, map) {
  const words = { count: different, of: map.flat().length };
  shown(one(root, `[data-shown=${name}]`), different, say(gettext("%(count)s of %(of)s"), words));
}
