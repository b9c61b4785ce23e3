/* What the attack aims at: away from the first answer, or towards a class; likeliest first, any can be searched. */

import { make, one, show, tell } from "../lib/page.js";
import { exactPercent, say } from "../lib/words.js";
import { original, target } from "./evidence.js";
import { attackAgain } from "./flow.js";

const OFFERED = 6;
const FEW = 10; // so many classes are all offered, and none needs to be searched

export function targetChooser(root, store) {
  const section = one(root, "[data-target-chooser]");
  const list = one(section, "[data-chips]");
  const form = one(section, "form");
  const { labels } = store.get().classifier;
  let drawn = "";
  show(form, labels.length > FEW);
  one(section, "datalist").replaceChildren(...labels.map((label) => make("option", { value: label })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search(store, form, labels);
  });
  store.on((s) => {
    show(section, !s.readonly);
    const key = JSON.stringify([original(s)?.index, target(s)?.index, s.picture?.id, Boolean(s.busy)]);
    if (key === drawn) return;
    drawn = key;
    list.replaceChildren(...chips(s, store));
  });
}

function chips(s, store) {
  const from = original(s);
  if (!from) return [];
  const chosen = target(s);
  const likely = (s.attack?.result?.original.top ?? s.prediction.result.top).filter(
    ({ index }) => index !== from.index,
  );
  const offered = likely.slice(0, s.classifier.labels.length > FEW ? OFFERED : FEW);
  if (chosen && !offered.some(({ index }) => index === chosen.index)) offered.push(chosen);
  return [
    chip(
      say(gettext("away from %(label)s"), { label: from.label }),
      null,
      !chosen,
      () => attackAgain(store, null),
      s.busy,
    ),
    ...offered.map((entry) =>
      chip(
        entry.label,
        entry.probability,
        chosen?.index === entry.index,
        () => attackAgain(store, { index: entry.index, label: entry.label }),
        s.busy,
      ),
    ),
  ];
}

function chip(label, probability, pressed, onChoose, busy) {
  const share = probability === null || probability === undefined ? null : make("small", {}, exactPercent(probability));
  const button = make(
    "button",
    { type: "button", class: "chip", "aria-pressed": String(pressed), disabled: Boolean(busy) },
    label,
    share,
  );
  button.addEventListener("click", () => !pressed && onChoose());
  return make("li", {}, button);
}

function search(store, form, labels) {
  const typed = form.elements.target.value.trim().toLowerCase();
  const exact = labels.findIndex((label) => label.toLowerCase() === typed);
  const index = exact >= 0 ? exact : labels.findIndex((label) => label.toLowerCase().startsWith(typed));
  const error = one(form, "[role=alert]");
  if (!typed || index < 0) return tell(error, unknown(typed, form.elements.target.value.trim(), labels));
  if (index === original(store.get())?.index) return tell(error, gettext("That is what the network says already."));
  tell(error, "");
  form.elements.target.value = "";
  return attackAgain(store, { index, label: labels[index] });
}

/* Classes that have what was typed as a word of their name, else somewhere in it. */
function unknown(typed, shown, labels) {
  const words = (label) => label.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const named = labels.filter((label) => words(label).includes(typed));
  const near = named.length ? named : labels.filter((label) => typed && label.toLowerCase().includes(typed));
  if (!near.length) return say(gettext("No class is called “%(typed)s”."), { typed: shown });
  return say(gettext("No class is called “%(typed)s”. Did you mean %(near)s?"), {
    typed: shown,
    near: [...new Set(near)].slice(0, OFFERED).join(gettext(", ")),
  });
}
