/* Digits or photographs, as they are and mirrored, and which of them are named rightly all the same. */

import { all, one, tell } from "../../lib/page.js";
import { answered, exactPercent, say } from "../../lib/words.js";
import { countsBySubject } from "../counts.js";
import { shown } from "../parts.js";

export const start = (root, settings) =>
  countsBySubject(root, settings, ({ classes, photos }) => {
    for (const table of all(root, "[data-each]"))
      table.toggleAttribute("data-without", (table.dataset.each === "photos") === Boolean(classes));
    if (classes) byClass(root, classes);
    if (photos) byPhoto(root, photos);
  });

function byClass(root, classes) {
  for (const [digit, { mirrored, of }] of classes.entries()) {
    const row = one(root, `[data-class="${digit}"]`);
    one(row, "rect").setAttribute("width", `${(100 * mirrored) / of}%`);
    shown(one(row, "[data-shown]"), mirrored / of, say(gettext("%(right)s of %(of)s"), { right: mirrored, of }));
  }
}

function byPhoto(root, photos) {
  for (const photo of photos)
    for (const cell of all(root, `[data-photo="${photo.slug}"] [data-way]`)) {
      const { label, probability } = photo[cell.dataset.way];
      tell(cell, answered(label === photo.truth ? gettext("right") : gettext("wrong"), exactPercent(probability)));
    }
}
