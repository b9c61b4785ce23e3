/* What may come once the slider answers: curves, numbers to save and share, other networks. One module, so that one
   request begins them all. */

import { beside } from "./beside.js";
import { curves } from "./curves.js";
import { download } from "./download.js";
import { draws } from "./draws.js";
import { made } from "./made.js";
import { pad } from "./pad.js";
import { push } from "./push.js";
import { forget, share } from "./share.js";

export function later(root, store) {
  for (const part of [curves, made]) part(root, store);
  if (!store.get().readonly) for (const part of [pad, push, download, draws, share, forget, beside]) part(root, store);
}
