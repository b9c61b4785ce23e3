/* What is said of a race: its lanes by what was set, its measures, its ends. */

import { countedPercent, say } from "../lib/words.js";

const value = (template) => (given) => say(template, { value: given });
const either = (yes, no) => (given) => (given ? yes : no);

/* Each option's value in words. */
const OPTIONS = {
  network: (given) => (given === "small" ? gettext("ten units") : "LeNet"),
  learning_rate: value(gettext("learning rate %(value)s")),
  momentum: value(gettext("momentum %(value)s")),
  batch_size: (given) =>
    given ? say(gettext("batches of %(value)s"), { value: given }) : gettext("all pictures at once"),
  initialisation: (given) =>
    ({ kaiming: gettext("drawn by the layer’s width"), normal: null, zeros: gettext("all zeros") })[given],
  sigma: value(gettext("σ = %(value)s")),
  dropout: (given) => (given ? say(gettext("dropout %(value)s"), { value: given }) : gettext("no dropout")),
  pictures: value(gettext("%(value)s pictures")),
  random_labels: either(gettext("labels by chance"), gettext("true labels")),
  sorted_batches: either(gettext("batches sorted by class"), gettext("batches drawn at random")),
  epochs: value(gettext("%(value)s epochs")),
  seed: value(gettext("seed %(value)s")),
};

/* A lane by those of its options that are named. */
export function nameOf(options, names) {
  const asked = names.filter((name) => name !== "sigma" || options.initialisation === "normal");
  const said = asked.map((name) => OPTIONS[name](options[name])).filter(Boolean);
  return said.join(gettext(", "));
}

const error = {
  say: countedPercent,
  tick: (tick) => say(gettext("%(number)s\u202f%"), { number: Math.round(tick * 100) }),
};
const loss = { say: (nats) => nats.toPrecision(3), tick: (tick) => String(Number(tick.toPrecision(3))) };

/* What is measured at each point: its name, its short name beside another's, and how a value is said. */
export const MEASURES = {
  validation_error: { ...error, name: gettext("wrong on pictures kept aside"), short: gettext("kept aside") },
  training_error: { ...error, name: gettext("wrong on pictures learnt from"), short: gettext("learnt from") },
  validation_loss: { ...loss, name: gettext("loss on pictures kept aside"), short: gettext("kept aside") },
  training_loss: { ...loss, name: gettext("loss on pictures learnt from"), short: gettext("learnt from") },
  batch_loss: { ...loss, name: gettext("loss of the batches themselves"), short: gettext("its batches") },
};

/* How it has ended, where that is not by its epochs; "" else. */
export function endOf({ ended, points }) {
  const values = { step: points.at(-1)?.step ?? 0 };
  if (ended === "diverged") return say(gettext("no number any more soon after step %(step)s"), values);
  if (ended === "steps" || ended === "pictures") return say(gettext("ended by its limit after %(step)s steps"), values);
  return "";
}

export function unitsOf({ units, different_units: different }) {
  if (different === null) return "";
  return different === 1
    ? say(gettext("all %(units)s units of the first layer are twins"), { units })
    : say(gettext("%(different)s of %(units)s units of the first layer differ"), { different, units });
}

/* What a picture takes, and that beside the least of all. */
export const paceIs = (seconds) => say(gettext("%(time)s ms for each picture"), { time: (1000 * seconds).toFixed(2) });

export const timesOf = (times) => say(gettext("%(times)s times"), { times: times.toFixed(times < 10 ? 1 : 0) });
