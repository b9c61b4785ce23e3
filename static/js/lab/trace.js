/* An attack of many steps: a chart that grows while it runs, then a slider through the steps that were kept. */

import { isOver } from "../lib/live.js";
import { make, one, show, tell } from "../lib/page.js";
import { answered, exactPercent, integer, percent, saidOf, say } from "../lib/words.js";
import { fill, slots } from "./bars.js";
import { legend, lineChart } from "./chart.js";
import { attacked, ownLevel, swept, target } from "./evidence.js";

const INCREMENTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const STAGES = 4; // of a job's progress that are no steps: where it began, saving, noise, measuring

export function trace(root, store) {
  const section = one(root, "[data-trace]");
  const slider = one(section, "[data-trace-slider]");
  const sheet = previews(section);
  const rows = slots(one(section, ".bars"));
  let state = store.get();
  let place = null; // in the trace's steps; null is the one to begin with
  let shown = null; // the trace that is drawn
  const moveTo = (wanted) => {
    place = Math.min(Math.max(0, wanted), (traceOf(state)?.steps.length ?? 1) - 1);
    drawPlace();
  };
  const here = () => place ?? firstPlace(state);
  const chart = lineChart(one(section, "[data-trace-chart]"), {
    lines: () => (traceOf(state) ? drawn(lines(state), state) : []),
    level: () => spots(traceOf(state)).findIndex((spot) => spot.place === here()),
    onLevel: (x) => moveTo(nearest(traceOf(state), x)),
    axis: () => ({ at: spots(traceOf(state)).map(({ at }) => at), end: end(state), incrs: INCREMENTS }),
    rules: () => rules(traceOf(state)),
  });

  slider.addEventListener("input", () => moveTo(slider.valueAsNumber));
  store.on((s) => {
    if (s.attack?.id !== state.attack?.id) place = null;
    state = s;
    const now = traceOf(s);
    show(section, !swept(s) && s.k === ownLevel(s) && (now !== null || !attacked(s)));
    tell(one(section, "[data-trace-sentence]"), sentence(s, now));
    show(one(section, "[data-trace-starts]"), now?.starts.length > 1);
    show(one(section, "[data-trace-floats]"), Boolean(attacked(s)));
    if (shown === now) return;
    shown = now;
    chart.rebuild();
    legend(one(section, "[data-trace-legend]"), now ? lines(s) : []);
    table(one(section, "[data-trace-table]"), s);
    sheet.take(attacked(s) ? now : null);
    drawPlace();
  });

  function drawPlace() {
    const now = traceOf(state);
    const step = now?.steps[here()];
    slider.disabled = !step;
    slider.max = step ? now.steps.length - 1 : 0;
    slider.value = step ? here() : 0;
    slider.setAttribute("aria-valuetext", step ? saidOf(named(step, now, state), spoken(step)) : "");
    tell(one(section, "[data-trace-step]"), step ? named(step, now, state) : "–");
    tell(one(section, "[data-trace-numbers]"), step ? figures(step, state) : "");
    one(section, ".bars").classList.toggle("empty", !step);
    const classes = step ? bars(step, state) : [];
    for (const [i, row] of rows.entries()) fill(row, classes[i], ["after"], {});
    sheet.draw(here());
    chart.redraw();
  }
}

/* The finished attack's, or so much as there is of one that runs. */
const traceOf = (s) => attacked(s)?.trace ?? (s.attack && !isOver(s.attack) ? s.attack.live : null) ?? null;

/* Where to begin: at the first step that fooled, once it is over; before, at the newest. */
function firstPlace(s) {
  const now = traceOf(s);
  if (!now) return 0;
  return (attacked(s) ? now.fooled_at : null) ?? now.steps.length - 1;
}

function sentence(s, now) {
  if (attacked(s)) return now?.sentence ?? "";
  if (!s.busy && s.error) return gettext("There are no steps to show.");
  if (!now) return gettext("The steps come as they are taken…");
  return named(now.steps.at(-1), now, s);
}

/* Each step's place on the axis, one start after the other, and an empty spot between two starts. */
function spots(now) {
  const before = now.starts.map((_, i) => now.starts.slice(0, i).reduce((sum, taken) => sum + taken + 1, 0));
  return now.steps.flatMap((step, i) => {
    const at = before[step.start] + step.step;
    const spot = { at, place: i, step };
    return i && now.steps[i - 1].start !== step.start ? [{ at: before[step.start] - 0.5 }, spot] : [spot];
  });
}

function nearest(now, x) {
  const far = ({ at }) => Math.abs(at - x);
  return spots(now)
    .filter((spot) => spot.step)
    .reduce((best, spot) => (far(spot) < far(best) ? spot : best)).place;
}

/* How far the axis goes: while it runs, as far as it will. */
function end(s) {
  const last = spots(traceOf(s)).at(-1).at;
  return attacked(s) ? last : Math.max(last, s.attack.progress.total - STAGES);
}

/* Where a start ended, and where it fooled first. */
function rules(now) {
  if (!now) return [];
  const all = spots(now);
  const between = all.filter((spot) => !spot.step).map(({ at }) => ({ at, colour: "--edge" }));
  const first = all.find((spot) => spot.place === now.fooled_at);
  return first ? [...between, { at: first.at, colour: "--adversarial" }] : between;
}

/* The class that is left, the one that comes, and the loss. [{name, role, read}]: only what there is. */
function lines(s) {
  const now = traceOf(s);
  const from = now.classes[0]; // the original's likeliest
  const last = now.steps.at(-1).top;
  const fresh = target(s) ?? (attacked(s)?.fooled ? attacked(s).adversarial.top[0] : last);
  const of = (entry, role) => {
    const column = now.classes.findIndex(({ index }) => index === entry.index);
    return { name: entry.name, role, read: (step) => step.probabilities[column] ?? null };
  };
  const found = [of(from, "original")];
  if (fresh.index !== from.index) found.push(of(fresh, "adversarial"));
  if (now.steps.some(({ loss }) => loss !== null))
    found.push({ name: gettext("loss (right)"), role: "loss", read: ({ loss }) => loss });
  return found;
}

/* The lines with their values, for the chart. */
function drawn(found, s) {
  const all = spots(traceOf(s));
  return found.map((line) => ({ ...line, values: all.map(({ step }) => (step ? line.read(step) : null)) }));
}

function named(step, now, s) {
  const words = { step: step.step, steps: now.starts[step.start], start: step.start + 1, starts: now.starts.length };
  if (!attacked(s)) {
    return step.start
      ? say(gettext("Step %(step)s of start %(start)s…"), words)
      : say(gettext("Step %(step)s…"), words);
  }
  return words.starts > 1
    ? say(gettext("Step %(step)s of %(steps)s, start %(start)s of %(starts)s"), words)
    : say(gettext("Step %(step)s of %(steps)s"), words);
}

const spoken = ({ top }) => answered(top.name, exactPercent(top.probability));

function figures(step, s) {
  const loss = step.loss === null ? "∞" : step.loss.toPrecision(3);
  if (step.l2 === null) return say(gettext("loss %(loss)s · distances are measured at some steps only"), { loss });
  const of = attacked(s)?.distances.attacked_pixels;
  const words = {
    loss,
    levels: step.linf_levels.toFixed(1),
    l2: step.l2.toFixed(2),
    pixels: of ? percentOf(step.changed_pixels, of) : step.changed_pixels,
  };
  return say(gettext("loss %(loss)s · L∞ %(levels)s of 255 levels · L2 %(l2)s · pixels changed: %(pixels)s"), words);
}

const percentOf = (some, all) => (some === all ? gettext("all") : some ? percent(some / all) : gettext("none"));

/* The classes that are followed, in one order at every step; the present one is among them, or takes the last place. */
function bars(step, s) {
  const now = traceOf(s);
  const aim = target(s)?.index;
  const found = now.classes.map((entry, i) => ({ ...entry, after: step.probabilities[i] }));
  if (!found.some(({ index }) => index === step.top.index))
    found[found.length - 1] = { ...step.top, after: step.top.probability };
  const role = (index) =>
    index === now.classes[0].index ? "before" : index === step.top.index || index === aim ? "after" : "";
  return found.map((entry) => ({ ...entry, role: role(entry.index) }));
}

/* The sheet of small pictures: fetched when the section comes near, a column for each step that has one. */
function previews(section) {
  const caption = one(section, "[data-trace-preview]");
  const canvases = [one(section, "[data-trace-picture]"), one(section, "[data-trace-change]")];
  let now = null;
  let image = null;
  let place = 0;
  let near = false;
  new IntersectionObserver((entries) => {
    near = entries.at(-1).isIntersecting;
    fetchIt();
  }).observe(section);

  function fetchIt() {
    if (!near || image || !now?.previews_url) return;
    const fresh = Object.assign(new Image(), { src: now.previews_url });
    image = fresh;
    fresh.decode().then(
      () => image === fresh && paint(),
      () => {}, // without it everything else is there
    );
  }

  /* The last one at or before the step; whether it is the step's own is said below. */
  function paint() {
    const column = now?.previews ? now.previews.steps.findLastIndex((step) => step <= place) : -1;
    if (column < 0) tell(caption, gettext("previews come at the end"));
    if (column < 0 || !image?.naturalHeight) {
      for (const canvas of canvases) canvas.width = 1; // empty
      return;
    }
    const side = image.naturalHeight / 2;
    for (const [row, canvas] of canvases.entries()) {
      canvas.width = canvas.height = side;
      canvas.getContext("2d").drawImage(image, column * side, row * side, side, side, 0, 0, side, side);
    }
    const of = now.previews.steps[column];
    tell(
      caption,
      of === place
        ? gettext("preview, not the file; beside it the change, magnified")
        : say(gettext("preview of step %(step)s, not the file"), { step: now.steps[of].step }),
    );
  }

  return {
    take(trace) {
      if (now?.previews_url !== trace?.previews_url) image = null;
      now = trace;
      fetchIt();
    },
    draw(at) {
      place = at;
      paint();
    },
  };
}

/* The same figures as a table, for everyone who would rather read them. */
function table(node, s) {
  const now = traceOf(s);
  if (!now || !attacked(s)) return node.replaceChildren();
  const probabilities = lines(s).filter(({ role }) => role !== "loss");
  const several = now.starts.length > 1;
  const head = [
    ...(several ? [gettext("start")] : []),
    gettext("step"),
    gettext("the network says"),
    ...probabilities.map(({ name }) => name),
    gettext("loss"),
    "L∞",
    "L2",
    gettext("pixels changed"),
  ];
  const rows = now.steps.map((step) =>
    make(
      "tr",
      {},
      several ? make("td", {}, String(step.start + 1)) : null,
      make("th", { scope: "row" }, String(step.step)),
      ...[
        step.top.name,
        ...probabilities.map(({ read }) => (read(step) === null ? "–" : exactPercent(read(step)))),
        step.loss === null ? "∞" : String(step.loss),
        step.linf_levels?.toFixed(2) ?? "–",
        step.l2?.toFixed(3) ?? "–",
        step.changed_pixels === null ? "–" : integer(step.changed_pixels),
      ].map((text) => make("td", {}, text)),
    ),
  );
  const titles = make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)));
  return node.replaceChildren(make("thead", {}, titles), make("tbody", {}, ...rows));
}
