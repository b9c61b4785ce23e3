/* What may come once the slider answers: curves, numbers to save and share, other networks. One module, so that one
   request begins them all. */

import { attackChooser } from "./attack-chooser.js";
import { comparison } from "./comparison.js";
import { curves } from "./curves.js";
import { derivation } from "./derivation.js";
import { download } from "./download.js";
import { draws } from "./draws.js";
import { pad } from "./pad.js";
import { recipe } from "./recipe.js";
import { forget, share } from "./share.js";
import { steps } from "./steps.js";
import { targetChooser } from "./target-chooser.js";
import { trace } from "./trace.js";
import { tried } from "./tried.js";

export function later(root, store) {
  for (const part of [curves, tried, trace, derivation, recipe]) part(root, store);
  if (!store.get().readonly)
    for (const part of [pad, steps, attackChooser, targetChooser, download, draws, share, forget, comparison])
      part(root, store);
}
