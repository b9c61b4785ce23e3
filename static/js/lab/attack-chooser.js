/* Which attack, with which options: the server's form, sent as a job. */

import { api } from "../lib/api.js";
import { all, answers, one, show, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { target } from "./evidence.js";
import { attackAgain, paramsOf } from "./flow.js";

const PAUSE = 300; // ms without a change, then it is asked how long the attack would take

export function attackChooser(root, store) {
  const section = one(root, "[data-attack-chooser]");
  const form = one(section, "form");
  const error = one(form, "[role=alert]");
  let shown = null;
  let was = null;
  const foretell = forecasts(form, store);
  form.addEventListener("input", foretell);
  form.addEventListener("change", () => reveal(form));
  for (const preset of all(form, "[data-preset]"))
    preset.addEventListener("click", () => {
      set(preset);
      foretell();
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!ready(store.get())) return;
    const { chosen, params, wrong } = read(form);
    tell(error, wrong);
    if (!wrong) attackAgain(store, target(store.get()), { chosen, params });
  });
  store.on((s) => {
    const idle = ready(s);
    answers(one(form, "[type=submit]"), idle);
    if (idle !== was) foretell();
    was = idle;
    if (!s.attack || shown === s.attack.id) return; // until one is answered, what was typed stays
    shown = s.attack.id; // another attack is looked at: the form says what it was made with
    for (const radio of form.elements.attack.length ? form.elements.attack : [form.elements.attack])
      radio.checked = radio.value === s.chosen;
    for (const input of optionsOf(form, s.chosen)) write(input, s.params[input.dataset.option]);
    reveal(form);
    foretell();
  });
}

const ready = (s) => !s.busy && Boolean(s.picture);

/* Says below the options how long the attack would take, or why it would be refused; nothing of one that is quick. */
function forecasts(form, store) {
  const line = one(form, "[data-forecast]");
  let timer = 0;
  let asked = new AbortController();
  async function ask() {
    const { chosen, params, wrong } = read(form);
    const s = store.get();
    if (wrong || !s.picture || s.readonly || s.busy || s.rays.includes(chosen)) return tell(line, "");
    asked = new AbortController();
    const given = paramsOf(s, target(s), { chosen, params });
    try {
      const { sentence } = await api.forecast(s.picture.id, s.classifier.ask, chosen, given, { signal: asked.signal });
      tell(line, sentence);
    } catch (error) {
      if (error.name !== "AbortError") tell(line, ""); // whoever presses the button is told
    }
  }
  return () => {
    clearTimeout(timer);
    asked.abort();
    timer = setTimeout(ask, PAUSE);
  };
}

const optionsOf = (form, slug) => all(form, `[data-attack="${slug}"] [data-option]`);

function reveal(form) {
  for (const part of all(form, "[data-attack]")) show(part, part.dataset.attack === form.elements.attack.value);
}

/* Usual values, together. */
function set(preset) {
  const given = JSON.parse(preset.dataset.preset);
  for (const input of all(preset.closest("[data-attack]"), "[data-option]")) {
    if (input.dataset.option in given) write(input, given[input.dataset.option]);
  }
}

/* The chosen attack and its options; `wrong` names the first that is no number, or out of its bounds. */
function read(form) {
  const chosen = form.elements.attack.value;
  const inputs = optionsOf(form, chosen);
  const bad = inputs.find((input) => !input.checkValidity());
  const label = bad && one(form, `label[for="${bad.id}"]`).textContent;
  const params = Object.fromEntries(inputs.map((input) => [input.dataset.option, value(input)]));
  return {
    chosen,
    params,
    wrong: bad ? say(gettext("%(label)s: %(reason)s"), { label, reason: bad.validationMessage }) : "",
  };
}

function value(input) {
  if (input.type === "checkbox") return input.checked;
  if (input.type === "number") return input.value === "" ? null : input.valueAsNumber;
  return Number.isNaN(Number(input.value)) ? input.value : Number(input.value);
}

function write(input, given) {
  if (input.type === "checkbox") input.checked = Boolean(given);
  else if (given !== undefined) input.value = given ?? "";
}
