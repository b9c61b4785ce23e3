/* What is known about each level, from whatever has arrived: the sweep, the attack, the prediction. */

export const original = (s) => s.attack?.result?.label_from ?? s.prediction?.result?.top[0] ?? null;
export const target = (s) => s.attack?.result?.target ?? s.params?.target_class ?? aimedAt(s);
export const sweepOf = (s) => s.sweep?.result ?? null;

/* What an address, or a job under way, names by its number alone. */
function aimedAt({ params, classifier: { labels, names } }) {
  const index = params?.target ?? null;
  return index === null ? null : { index, label: labels[index], name: names[index] ?? labels[index] };
}

/* Whether every level along a ray is judged. */
export const complete = (s) => swept(s) && sweepOf(s) !== null;
export const attacked = (s) => s.attack?.result ?? null;

/* Whether every level lies along one map of signs (a ray); an attack that is none has one picture, for its own budget. */
export const swept = (s) => (attacked(s) ? attacked(s).sign_url !== null : s.rays.includes(s.chosen));

/* Whether an attack that runs again for each budget was tried at several. */
export const searched = (s) => !swept(s) && sweepOf(s) !== null;

/* The budget that the attack was made for; of one without any whatever the slider says, which is then hidden. */
export const ownLevel = (s) => {
  if (swept(s)) return s.params.epsilon;
  return searched(s) ? s.params[sweepOf(s).option] : s.k;
};

/* The budget in grey levels, where there is none on show that of the first attack: a search over another option, as a
   radius is, has its values in the slider's place. */
export const levelNow = (s) => ((sweepOf(s)?.option ?? "epsilon") === "epsilon" ? s.k : s.default_params.epsilon);

/* Where the slider stands: at the budget, where it tells it. */
export const levelOf = ({ epsilon }, otherwise) => epsilon ?? otherwise;

/* How far the saved picture is from the original, where it was made for this budget; else null. */
export const distancesAt = (s, k) =>
  k === ownLevel(s) ? (attacked(s)?.distances ?? null) : (pointAt(s, k)?.distances ?? null);

/* The saved picture of a budget that a search has tried. */
export const fileAt = (s, k) => (k === ownLevel(s) ? attacked(s)?.adversarial : pointAt(s, k)) ?? null;

/* Where the change of the attack can be read from, exactly: a ray's signs, or what was magnified without being cut off. */
export function changeUrl(s) {
  const result = attacked(s);
  if (!result || result.distances.linf_levels > LARGEST_SHOWN) return null;
  return result.sign_url ?? result.perturbation_url;
}

/* {top, p(index) -> probability or null, control: {top, p_original} or null}, or null while not judged.
   `bound`: what a class that is not among the ten likeliest has at most. */
export function answerAt(s, k) {
  const point = pointAt(s, k);
  if (point) return { top: point.top, p: byClass(sweepOf(s).classes, point.probabilities), control: point.control };
  if (k === 0 && swept(s)) return known(attacked(s)?.original.top ?? s.prediction?.result?.top, null);
  if (attacked(s) && k === ownLevel(s)) return known(attacked(s).adversarial.top, controlOf(s));
  return null;
}

/* What the server says of level k: sentence, subtitle, control, notes; null while it is not judged. */
export function wordsAt(s, k) {
  const result = attacked(s);
  const point = pointAt(s, k);
  if (point) return point.words;
  if (k === 0) return result?.start ?? s.prediction?.result?.start ?? null;
  return result && k === ownLevel(s) ? result.words : null;
}

/* What is said of the picture whatever is done to it. */
export const notesOf = (s) => attacked(s)?.notes ?? s.prediction?.result?.notes ?? null;

const LARGEST_SHOWN = 127; // levels: a larger change does not fit around mid-grey
const ROWS = 7;

/* The table's rows: the same classes in the same order before and after.
   Five likeliest of the original first; then the new class, the target, and whatever else ever came first. */
export function rowsAt(s, k) {
  const now = answerAt(s, k);
  const first = unattacked(s);
  const from = original(s);
  const classes = classesOf(s, now);
  const rows = classes.map(({ index, label, name }) => ({
    index,
    label,
    name,
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
  add(sweepOf(s)?.new ?? (result?.fooled ? result.adversarial.top[0] : null));
  add(target(s));
  (sweepOf(s)?.classes ?? result?.adversarial.top ?? likeliest).forEach(add);
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

/* The picture itself. */
const unattacked = (s) =>
  pointAt(s, 0) ? answerAt(s, 0) : known(attacked(s)?.original.top ?? s.prediction?.result?.top, null);

export const pointAt = (s, k) => sweepOf(s)?.points.find(({ value }) => value === k) ?? null;

function controlOf(s) {
  const top = attacked(s).control?.top;
  if (!top) return null;
  const from = original(s);
  return { top: top[0], p_original: top.find((entry) => entry.index === from.index)?.probability ?? null };
}
