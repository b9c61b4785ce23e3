/* Starts the parts one can touch, on whatever page: each names its module and what it begins with. */

import { all, notWhole, one } from "../lib/page.js";
import { onceMore } from "../lib/patience.js";

/* A Map from a part's name to a promise of what its `start(root, settings)` gives: {set(setting)}, which takes over an
   experiment: once it is over, or its promise is, the numbers stand; false says that there are none. One that waits, or
   fails, keeps no other from starting. */
export function startParts(root) {
  return new Map(all(root, "[data-part]").map((node) => [node.dataset.part, begin(node)]));
}

async function begin(node) {
  const { start } = await onceMore(() => import(node.dataset.module)).catch((error) => {
    notWhole(node);
    throw error; // its experiments have nothing to set
  });
  const part = await start(node, JSON.parse(node.dataset.settings));
  one(node, "[inert]").inert = false; // it listens now
  const drawn = () => node.toggleAttribute("data-started", true); // what it began with
  requestAnimationFrame(() => requestAnimationFrame(drawn));
  return part;
}

/* A number that an experiment reads: as a text for people, and as it is. Nothing that changes while somebody drags is
   a live region: sliders say what they do by `aria-valuetext`. */
export function shown(node, value, text) {
  node.dataset.value = value;
  if (node.textContent !== text) node.textContent = text;
}

/* Where nothing was found of what is chosen: numbers and bars of what was chosen before would pass for its own. */
export function unknown(root) {
  for (const name of TOLD) for (const node of all(root, `[data-${name}]`)) shown(node, "", "…");
  for (const end of ["width", "x1", "x2"]) for (const bar of all(root, `.bar > [${end}]`)) bar.setAttribute(end, "0%");
}

const TOLD = ["shown", "interval", "probability", "way", "budget", "price"];
