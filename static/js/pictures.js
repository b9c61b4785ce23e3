/* My pictures: deleting one, or all, after asking. */

import { api } from "./api.js";
import { all, one, tell } from "./page.js";

export function start(root) {
  const dialog = one(document, "dialog[data-dialog=forget]");
  let chosen = [];
  const ask = (ids, question) => {
    chosen = ids;
    tell(one(dialog, "[data-question]"), question);
    dialog.showModal();
  };
  for (const button of all(root, "[data-forget-one]")) {
    button.addEventListener("click", () => ask([button.value], gettext("Delete this picture and everything made of it?")));
  }
  one(root, "[data-forget-all]")?.addEventListener("click", () => {
    const ids = all(root, "[data-forget-one]").map((button) => button.value);
    const question = ngettext("Delete your %s picture and everything made of it?", "Delete all %s pictures and everything made of them?", ids.length);
    ask(ids, interpolate(question, [ids.length]));
  });
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && forgetAll(root, chosen));
}

/* One after the other: an error stops, is told, and leaves the rest as it was. */
async function forgetAll(root, ids) {
  try {
    for (const id of ids) await api.forget(id);
    location.reload();
  } catch (error) {
    tell(one(root, "[data-error]"), error.message);
  }
}

start(document.querySelector("main"));
