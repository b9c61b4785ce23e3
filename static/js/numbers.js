/* The change in numbers with units, measured on the exact pixels of the level; what only a saved file has, says so. */

import { attacked, complete } from "./evidence.js";
import { one, tell } from "./page.js";
import { integer, percent, say, seconds } from "./words.js";

export function numbers(root, store) {
  const set = (name, text) => tell(one(root, `[data-number=${name}]`), text);
  store.on((s) => {
    const result = attacked(s);
    const values = measuredAt(s, result);
    set("linf", values ? say(gettext("%(levels)s of 255 levels"), { levels: values.linf }) : "–");
    set("changed", values ? changedPixels(values.changed, result.attacked_pixels) : "–");
    set("l2", values ? values.l2.toFixed(2) : "–");
    set("ssim", ssim(s, result));
    set("seconds", result ? seconds(result.seconds) : "–");
    set("judged", result ? judged(s) : "–");
  });
}

function measuredAt(s, result) {
  if (!result) return null;
  if (s.exact !== false && s.measured) return s.measured;
  if (s.k !== s.params.epsilon) return null;
  return { linf: result.linf_levels, l2: result.l2, changed: result.changed_pixels };
}

function changedPixels(changed, attackedPixels) {
  const words = { changed: integer(changed), attacked: integer(attackedPixels), share: percent(changed / attackedPixels) };
  if (changed === 0) return say(gettext("none of %(attacked)s attacked"), words);
  if (changed === attackedPixels) return say(gettext("all of %(attacked)s attacked"), words);
  return say(gettext("%(changed)s of %(attacked)s attacked (%(share)s)"), words);
}

function ssim(s, result) {
  if (!result) return "–";
  if (s.k === 0) return gettext("1, nothing changed");
  if (s.k === s.params.epsilon) return result.ssim.toFixed(3);
  return say(gettext("measured at %(eps)s only: %(value)s"), { eps: `${s.params.epsilon}/255`, value: result.ssim.toFixed(3) });
}

function judged(s) {
  const total = s.classifier.levels + 1;
  const done = complete(s) ? total : (s.ladder?.progress?.done ?? 0);
  return say(gettext("%(done)s of %(total)s, each with its noise control"), { done, total });
}
