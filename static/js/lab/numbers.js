/* The change in numbers with units, measured on the exact pixels of the level; what only a saved file has, says so. */

import { one, tell } from "../lib/page.js";
import { percent, say, seconds } from "../lib/words.js";
import { attacked, complete, distancesAt, ownLevel, sweepOf, swept } from "./evidence.js";

export function numbers(root, store) {
  const set = (name, text) => tell(one(root, `[data-number=${name}]`), text);
  store.on((s) => {
    const result = attacked(s);
    const values = measuredAt(s, result);
    set("linf", values ? say(gettext("%(levels)s of 255 levels"), { levels: values.linf }) : "–");
    set("changed", values ? changedPixels(values.changed, result.distances.attacked_pixels) : "–");
    set("l2", values ? l2(values, s, result) : "–");
    set(
      "rms",
      values && result.distances.attacked_values
        ? say(gettext("%(levels)s levels"), { levels: rms(values, result).toFixed(2) })
        : "–",
    );
    set("zero-gradient", zeroPixels(result));
    set("reach", result?.control?.reach != null ? percent(result.control.reach) : "–");
    set("ssim", ssim(s, result));
    set("seconds", result ? seconds(result.cost.seconds) : "–");
    set("judged", result && swept(s) ? judged(s) : "–");
  });
}

function measuredAt(s, result) {
  if (!result) return null;
  if (swept(s) && s.exact !== false && s.measured) return s.measured;
  const saved = distancesAt(s, s.k);
  return saved && { linf: saved.linf_levels, l2: saved.l2, changed: saved.changed_pixels };
}

/* The noise's own length is known at the level it was measured at. */
function l2(values, s, result) {
  const words = { own: values.l2.toFixed(2), noise: result.control?.l2?.toFixed(2) };
  if (words.noise === undefined || s.k !== ownLevel(s)) return words.own;
  return say(gettext("%(own)s (random noise: %(noise)s)"), words);
}

const rms = (values, result) => (values.l2 * 255) / Math.sqrt(result.distances.attacked_values);

function zeroPixels(result) {
  if (result?.zero_gradient_share == null) return "–";
  const { attacked_pixels: all } = result.distances;
  return changedPixels(Math.round(result.zero_gradient_share * all), all);
}

function changedPixels(changed, attackedPixels) {
  const words = {
    changed,
    attacked: attackedPixels,
    share: percent(changed / attackedPixels),
  };
  if (changed === 0) return say(gettext("none of %(attacked)s attacked"), words);
  if (changed === attackedPixels) return say(gettext("all of %(attacked)s attacked"), words);
  return say(gettext("%(changed)s of %(attacked)s attacked (%(share)s)"), words);
}

function ssim(s, result) {
  if (!result) return "–";
  const saved = distancesAt(s, s.k);
  if (saved) return saved.ssim.toFixed(3);
  if (s.k === 0) return gettext("1, nothing changed");
  return say(gettext("measured at %(eps)s only: %(value)s"), {
    eps: `${s.params.epsilon}/255`,
    value: result.distances.ssim.toFixed(3),
  });
}

function judged(s) {
  const total = s.classifier.levels + 1;
  const done = complete(s) ? total : (s.sweep?.progress?.done ?? 0);
  if (!complete(s)) return say(gettext("%(done)s of %(total)s"), { done, total });
  const noise = sweepOf(s).points.filter(({ control }) => control).length;
  return say(gettext("%(done)s of %(total)s, %(noise)s of them with a draw of noise"), { done, total, noise });
}
