/* What the attack aims at: away from the first answer, or towards a class; likeliest first, any can be searched. */

import { answers, make, one, redraw, show, tell } from "../lib/page.js";
import { exactPercent, say } from "../lib/words.js";
import { original, target } from "./evidence.js";
import { attackAgain } from "./flow.js";

const OFFERED = 6;
const FEW = 10; // so many classes are all offered, and none needs to be searched

export function targetChooser(root, store) {
  const section = one(root, "[data-target-chooser]");
  const list = one(section, "[data-chips]");
  const form = one(section, "form");
  const { labels, names } = store.get().classifier; // names: what is shown for the labels, where that is another word
  let drawn = "";
  show(form, labels.length > FEW);
  one(section, "datalist").replaceChildren(
    ...labels.map((label, i) => make("option", names.length ? { value: names[i], label } : { value: label })),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search(store, form, labels, names);
  });
  store.on((s) => {
    show(section, !s.readonly);
    const key = JSON.stringify([original(s)?.index, target(s)?.index, s.picture?.id, Boolean(s.busy)]);
    if (key === drawn) return;
    drawn = key;
    redraw(list, chips(s, store));
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
      "away",
      say(gettext("away from %(label)s"), { label: from.name }),
      null,
      !chosen,
      () => attackAgain(store, null),
      s.busy,
    ),
    ...offered.map((entry) =>
      chip(
        entry.index,
        entry.name,
        entry.probability,
        chosen?.index === entry.index,
        () => attackAgain(store, { index: entry.index, label: entry.label, name: entry.name }),
        s.busy,
      ),
    ),
  ];
}

function chip(key, label, probability, pressed, onChoose, busy) {
  const share = probability === null || probability === undefined ? null : make("small", {}, exactPercent(probability));
  const button = make(
    "button",
    { type: "button", class: "chip", "aria-pressed": String(pressed), "data-key": key },
    label,
    share,
  );
  answers(button, !busy);
  button.addEventListener("click", () => !pressed && !busy && onChoose());
  return make("li", {}, button);
}

function search(store, form, labels, names) {
  const typed = form.elements.target.value.trim().toLowerCase();
  const found = [labels, names].map((words) => words.findIndex((word) => word.toLowerCase() === typed));
  const begun = [labels, names].map((words) => words.findIndex((word) => word.toLowerCase().startsWith(typed)));
  const index = [...found, ...begun].find((place) => place >= 0) ?? -1;
  const error = one(form, "[role=alert]");
  if (!typed || index < 0) return tell(error, unknown(typed, form.elements.target.value.trim(), labels, names));
  if (index === original(store.get())?.index) return tell(error, gettext("That is what the network says already."));
  tell(error, "");
  form.elements.target.value = "";
  return attackAgain(store, { index, label: labels[index], name: names[index] ?? labels[index] });
}

/* Classes that have what was typed as a word of their label, else somewhere in it or in their name. */
function unknown(typed, shown, labels, names) {
  const words = (label) => label.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const places = [...labels.keys()];
  const within = (place) => [labels[place], names[place] ?? ""].some((word) => word.toLowerCase().includes(typed));
  const named = places.filter((place) => words(labels[place]).includes(typed));
  const near = (named.length ? named : places.filter((place) => typed && within(place))).map(
    (place) => names[place] ?? labels[place],
  );
  if (!near.length) return say(gettext("No class is called “%(typed)s”."), { typed: shown });
  return say(gettext("No class is called “%(typed)s”. Did you mean %(near)s?"), {
    typed: shown,
    near: [...new Set(near)].slice(0, OFFERED).join(gettext(", ")),
  });
}
