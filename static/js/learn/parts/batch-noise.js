/* How noisy the gradient of a batch is: LeNet's, measured, over the batch's size. */

import { all, one, draw as svg } from "../../lib/page.js";
import { percents, say } from "../../lib/words.js";
import { compute, inTurn, needed } from "../compute.js";
import { shown } from "../parts.js";
import { decimal } from "./scores.js";

const BOX = { left: 76, right: 496, top: 14, bottom: 200, sizes: [1, 128], noises: [0.1, 4] };
const ONE_CLASS = 64; // pictures in a batch of one class

/* settings: {sizes: those measured, size: the one told first, or "class"}. */
export function start(root, settings) {
  const found = needed(one(root, "[data-state]"), async (onPartial) => {
    const told = await inTurn(() => compute("batches", {}, onPartial));
    ground(root, told);
    for (const chip of all(root, "[data-size]")) chip.disabled = false;
    return told;
  });
  let chosen = null;
  const set = async (choice) => {
    chosen = choice;
    const told = await found();
    if (!told || chosen !== choice) return false; // another choice has been made meanwhile
    draw(root, told, choice.size);
    return true;
  };
  for (const chip of all(root, "[data-size]"))
    chip.addEventListener("click", () => set({ size: Number(chip.dataset.size) || chip.dataset.size }));
  set(settings);
  return { set: (setting) => set({ ...settings, ...setting }) };
}

function draw(root, { sizes, one_class }, size) {
  const like = sizes.find((each) => each.size === (size === "class" ? ONE_CLASS : size));
  const { noise, cosine } = size === "class" ? one_class : like;
  for (const chip of all(root, "[data-size]")) chip.setAttribute("aria-pressed", chip.dataset.size === String(size));
  for (const node of all(root, "[data-of]")) node.classList.toggle("chosen", node.dataset.of === String(size));
  one(root, "[data-guide]").setAttribute("d", `M${across(like.size)} ${up(noise)}V${BOX.bottom + 10}`);
  const ratio = noise / sizes[0].noise;
  shown(one(root, "[data-shown=noise]"), noise, percents((100 * noise).toFixed(0)));
  shown(one(root, "[data-shown=ratio]"), ratio, `× ${decimal(ratio, 3)}`);
  shown(one(root, "[data-shown=cosine]"), cosine, decimal(cosine, 2));
  const cost = say(gettext("%(time)s ms"), { time: decimal(1000 * like.seconds) });
  shown(one(root, "[data-shown=cost]"), like.seconds, cost);
}

const between = (value, [low, high], from, to) => from + (Math.log(value / low) / Math.log(high / low)) * (to - from);
const across = (size) => between(size, BOX.sizes, BOX.left, BOX.right).toFixed(1);
const up = (noise) => between(noise, BOX.noises, BOX.bottom, BOX.top).toFixed(1);

function ground(root, { sizes, one_class }) {
  const line = sizes.map(({ size, foretold }) => `${across(size)} ${up(foretold)}`);
  one(root, "[data-foretold]").setAttribute("d", `M${line.join("L")}`);
  one(root, "[data-measured]").replaceChildren(
    ...sizes.map(({ size, noise }) => svg("circle", { "data-of": size, cx: across(size), cy: up(noise), r: 5 })),
    svg("path", { "data-of": "class", d: `M${across(ONE_CLASS)} ${up(one_class.noise)}m-6 -6l12 12m0 -12l-12 12` }),
  );
  one(root, "[data-ticks]").replaceChildren(
    ...sizes.map(({ size }) => svg("text", { x: across(size), y: 228, "text-anchor": "middle" }, String(size))),
    ...[0.1, 0.3, 1, 3].map((noise) =>
      svg("text", { x: 50, y: Number(up(noise)) + 4, "text-anchor": "end" }, percents(String(Math.round(100 * noise)))),
    ),
  );
}
