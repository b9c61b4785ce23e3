/* What is known about each level, from whatever has arrived: the ladder, the attack, the prediction, a saved level. */

export const original = (s) => s.attack?.result?.label_from ?? s.prediction?.result?.top[0] ?? null;
export const target = (s) => s.attack?.result?.target ?? s.params?.target_class ?? null;
export const rungs = (s) => s.ladder?.result ?? null;
export const complete = (s) => rungs(s) !== null;
export const attacked = (s) => s.attack?.result ?? null;

/* {top, p(index) -> probability or null, control: {top, p_original} or null}, or null while not judged.
   `bound`: what a class that is not among the ten likeliest has at most. */
export function levelAt(s, k) {
  const rung = rungs(s)?.rungs[k];
  if (rung) return { top: rung.top, p: byClass(rungs(s).classes, rung.probabilities), control: rung.control };
  if (k === 0) return known(attacked(s)?.original.top ?? s.prediction?.result?.top, null);
  if (attacked(s) && k === s.params.epsilon) return known(attacked(s).adversarial.top, controlOf(s));
  return null;
}

/* What the sample that is shown shows; null for a visitor's picture, of which nobody knows. */
export function truthOf(s) {
  const sample = s.samples.find(({ slug }) => slug === s.sample);
  return sample ? { index: sample.truth, label: sample.truth_label } : null;
}

/* The facts that sentence.js tells; null while level k is not judged. */
export function factsAt(s, k) {
  const from = original(s);
  const level = levelAt(s, k);
  if (!from || !level) return null;
  const goal = target(s);
  return {
    k,
    original: from,
    top: level.top,
    control: k === 0 ? null : (level.control?.top ?? null),
    target: goal,
    p_target: goal ? level.p(goal.index) : null,
    closest: goal ? closest(s, goal) : null,
    reached_at: rungs(s)?.reached_at ?? null,
    complete: complete(s),
    zero_gradient: Boolean(attacked(s)?.zero_gradient),
    truth: truthOf(s),
  };
}

const ROWS = 7;

/* The table's rows: the same classes in the same order before and after.
   Five likeliest of the original first; then the new class, the target, and whatever else ever came first. */
export function rowsAt(s, k) {
  const now = levelAt(s, k);
  const first = levelAt(s, 0);
  const from = original(s);
  const classes = classesOf(s, now);
  const rows = classes.map(({ index, label }) => ({
    index,
    label,
    before: first?.p(index) ?? null,
    after: now?.p(index) ?? null,
    role: index === from?.index ? "before" : index === now?.top.index || index === target(s)?.index ? "after" : "",
  }));
  return {
    rows,
    others: { before: rest(rows, "before", first), after: rest(rows, "after", now) },
    bounds: { before: first?.bound, after: now?.bound },
  };
}

function classesOf(s, now) {
  const result = attacked(s);
  const found = new Map();
  const add = (entry) => entry && found.size < ROWS && !found.has(entry.index) && found.set(entry.index, entry);
  const likeliest = result?.original.top ?? s.prediction?.result?.top ?? [];
  likeliest.slice(0, 5).forEach(add);
  add(rungs(s)?.new ?? (result?.fooled ? result.adversarial.top[0] : null));
  add(target(s));
  (rungs(s)?.classes ?? result?.adversarial.top ?? likeliest).forEach(add);
  const classes = [...found.values()];
  if (now && classes.length && !found.has(now.top.index)) classes[Math.min(classes.length, ROWS - 1)] = now.top;
  return classes;
}

function rest(rows, side, level) {
  return level ? Math.max(0, 1 - rows.reduce((sum, row) => sum + (row[side] ?? 0), 0)) : null;
}

function byClass(classes, probabilities) {
  const table = new Map(classes.map(({ index }, i) => [index, probabilities[i]]));
  return (index) => table.get(index) ?? null;
}

function known(top, control) {
  if (!top) return null;
  const table = new Map(top.map(({ index, probability }) => [index, probability]));
  return { top: top[0], p: (index) => table.get(index) ?? null, bound: top.at(-1).probability, control };
}

function controlOf(s) {
  const top = attacked(s).control.top;
  const from = original(s);
  return { top: top[0], p_original: top.find((entry) => entry.index === from.index)?.probability ?? null };
}

function closest(s, goal) {
  const ladder = rungs(s);
  if (!ladder) return null;
  const column = ladder.classes.findIndex(({ index }) => index === goal.index);
  return ladder.rungs
    .filter((rung) => rung.k > 0)
    .map((rung) => ({ k: rung.k, probability: rung.probabilities[column] }))
    .reduce((best, rung) => (rung.probability > best.probability ? rung : best));
}
