/* The form of a training: hides what makes no difference to it, proposes the dataset's network, and says in a sentence what will happen. */

import { all, one, show, tell } from "../lib/page.js";
import { runOn, say } from "../lib/words.js";

export function start(form) {
  if (!form) return;
  const update = () => {
    const applies = applicable(form);
    for (const field of fields(form)) show(field.closest(".row"), applies(field) || wrong(field));
    for (const group of all(form, "fieldset"))
      show(
        group,
        all(group, ".row").some((row) => !row.hidden),
      );
    tell(one(form, "[data-summary]"), summary(form));
  };
  form.elements.dataset.addEventListener("change", () => propose(form));
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  addEventListener("pageshow", update); // who comes back finds what was typed, put there after this ran
  update();
}

/* The dataset's network, unless somebody chose another one than was proposed for the dataset before. */
function propose({ elements: { dataset, network, proposed_for: seen } }) {
  const networks = JSON.parse(one(document, "#networks").textContent);
  if (network.value === networks[seen.value]) network.value = networks[dataset.value];
  seen.value = dataset.value;
}

const fields = (form) => [...form.elements].filter((field) => field.closest(".row"));

const wrong = (field) => field.closest(".row").classList.contains("errors");

/* A field matters if the one it depends on has one of its values, and matters itself. */
function applicable(form) {
  const applies = ({ dataset: { onlyWith, onlyValues } }) => {
    if (!onlyWith) return true;
    const other = form.elements[onlyWith];
    return onlyValues.split(" ").includes(other.value) && applies(other);
  };
  return applies;
}

function summary(form) {
  const { dataset, network, epochs, batch_size, optimiser, adversarial } = form.elements;
  const chosen = (select) => select.selectedOptions[0]?.text ?? "";
  const words = {
    network: chosen(network),
    dataset: chosen(dataset),
    epochs: epochs.value,
    batch: batch_size.value,
    optimiser: chosen(optimiser),
    attack: chosen(adversarial),
  };
  const plain = say(
    ngettext(
      "%(network)s learns from %(dataset)s: %(epochs)s epoch, %(batch)s pictures a step, with %(optimiser)s.",
      "%(network)s learns from %(dataset)s: %(epochs)s epochs, %(batch)s pictures a step, with %(optimiser)s.",
      Number(epochs.value),
    ),
    words,
  );
  return adversarial.value === "off"
    ? plain
    : runOn(plain, say(gettext("Its pictures are attacked while it learns: %(attack)s."), words));
}

start(document.querySelector("[data-training-form]"));
