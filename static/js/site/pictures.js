/* My pictures: the forms that delete ask first. */

import { all, one, tell } from "../lib/page.js";

export function start(root) {
  const dialog = one(root, "dialog");
  let asking = null;
  for (const form of all(root, "form[data-ask]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      asking = form;
      dialog.returnValue = "";
      tell(one(dialog, "[data-question]"), form.dataset.ask);
      dialog.showModal();
    });
  }
  dialog?.addEventListener("close", () => dialog.returnValue === "yes" && asking.submit());
}

start(document.querySelector("main"));
