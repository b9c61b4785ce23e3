/* A standard and a hardened network under one budget: how many test pictures each still has right. */

import { all, one, tell } from "../../lib/page.js";
import { percents, say } from "../../lib/words.js";
import { compute } from "../compute.js";
import { bySubject } from "../counts.js";
import { shown } from "../parts.js";

/* Of each subject what the site has prepared: the strength in levels of 255, the radius in pixels of 0 to 1. */
const BUDGETS = { digits: { epsilon: 51, radius: 4 }, signs: { epsilon: 8, radius: 2 } };

export function start(root, settings) {
  const ask = (subject, ...more) => compute("cameras", { subject, ...BUDGETS[subject] }, ...more);
  return bySubject(root, settings, ask, (found) => draw(root, found));
}

function draw(root, { epsilon, radius, networks, price }) {
  for (const node of all(root, "[data-budget=levels]")) tell(node, `${epsilon}/255`);
  tell(one(root, "[data-budget=radius]"), say(gettext("L2 up to %(radius)s"), { radius }));
  for (const [network, { figures }] of Object.entries(networks))
    for (const [attack, figure] of Object.entries(figures))
      row(one(root, `[data-figure=${network}-${attack}]`), figure);
  tellPrice(root, price);
}

function row(node, { right, of, accuracy, interval }) {
  one(node, ".share").setAttribute("x2", `${100 * accuracy}%`);
  const [low, high] = interval.map((share) => (100 * share).toFixed(1));
  one(node, ".range").setAttribute("x1", `${low}%`);
  one(node, ".range").setAttribute("x2", `${high}%`);
  shown(one(node, "[data-shown]"), accuracy, say(gettext("%(right)s of %(of)s"), { right, of }));
  tell(one(node, "[data-interval]"), percents(`${low}–${high}`));
}

/* An interval on both sides of nothing shows no price. */
function tellPrice(root, { difference, interval, of }) {
  const [low, high] = interval.map(points);
  const node = one(root, "[data-shown=price]");
  shown(node, difference, say(gettext("%(points)s points"), { points: points(difference) }));
  const words = { low, high, of };
  const told =
    interval[0] > 0
      ? gettext("interval %(low)s to %(high)s, on all %(of)s test pictures.")
      : gettext("interval %(low)s to %(high)s, on all %(of)s test pictures: no price shows.");
  tell(one(root, "[data-price]"), say(told, words));
}

const points = (share) => (100 * share).toFixed(2).replace("-", "−");
