/* A stop sign through the lab's own pipeline: what PGD adds, and what a network says before and after. */

import { all, one, tell } from "../../lib/page.js";
import { countedPercent, exactPercent } from "../../lib/words.js";
import { compute, refused, waiting } from "../compute.js";
import { shown, unknown } from "../parts.js";

/* settings: hardened (whether that network is asked), epsilon (grey levels). */
export function start(root, settings) {
  const state = {};
  let asking = new AbortController();
  const slider = one(root, "[data-epsilon]");
  const set = async (change) => {
    Object.assign(state, change);
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    dialled(root, state);
    const wait = one(root, "[data-wait]");
    try {
      const found = await compute("stop-sign", { ...state }, (_soFar, job) => tell(wait, waiting(job)), signal);
      const pictures = await Promise.all(Object.entries(found.pictures).map(opened));
      if (signal.aborted) return false;
      for (const [name, image] of pictures) painted(one(root, `[data-picture=${name}]`), image);
      told(root, found);
      tell(wait, "");
      return true;
    } catch (error) {
      if (!signal.aborted) without(root, error);
      return false;
    } finally {
      if (!signal.aborted) one(root, "[data-controls]").disabled = false;
    }
  };
  for (const chip of all(root, "[data-hardened]"))
    chip.addEventListener("click", () => set({ hardened: chip.dataset.hardened === "true" }));
  slider.addEventListener("input", () => strength(root, slider.valueAsNumber));
  slider.addEventListener("change", () => set({ epsilon: slider.valueAsNumber }));
  set(settings);
  return { set: (setting) => set({ ...settings, ...setting }) };
}

/* What stands there was found of another network, or another strength. */
function without(root, error) {
  refused(one(root, "[data-wait]"), error);
  for (const canvas of all(root, "canvas")) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  one(root, "[data-of=after]").toggleAttribute("data-fooled", false);
  tell(one(root, "[data-is=share]"), "…");
  unknown(root);
}

async function opened([name, png]) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  return [name, image];
}

function painted(canvas, image) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
}

function dialled(root, { hardened, epsilon }) {
  for (const chip of all(root, "[data-hardened]"))
    chip.setAttribute("aria-pressed", chip.dataset.hardened === String(hardened));
  one(root, "[data-epsilon]").value = epsilon;
  strength(root, epsilon);
}

function strength(root, epsilon) {
  one(root, "[data-epsilon]").setAttribute("aria-valuetext", `${epsilon}/255`);
  tell(one(root, "[data-is=epsilon]"), `${epsilon}/255`);
}

function told(root, { said, levels, share, fooled }) {
  const names = JSON.parse(one(root, "[data-names]").dataset.names);
  for (const [name, { index, probability }] of Object.entries(said)) {
    shown(one(root, `[data-shown=${name}]`), index, names[index]);
    tell(one(root, `[data-of=${name}] [data-probability]`), exactPercent(probability));
  }
  one(root, "[data-of=after]").toggleAttribute("data-fooled", fooled);
  shown(one(root, "[data-shown=levels]"), levels, `${levels}/255`);
  tell(one(root, "[data-is=share]"), countedPercent(share));
}
