/* The attack's formula and source: the server's pieces of a page, fetched when another attack is looked at, or opened. */

import { at, page } from "../lib/api.js";
import { one } from "../lib/page.js";

export function recipe(root, store) {
  const section = one(root, "[data-derivation]");
  let wanted = one(section, "[data-recipe]").dataset.recipe;
  section.addEventListener("toggle", (event) => event.target.matches(".source") && read(event.target), true);
  store.on((s) => {
    const slug = s.attack?.about?.attack ?? s.chosen;
    if (slug === wanted) return;
    wanted = slug;
    exchange(section, slug, () => slug === wanted);
  });
}

async function exchange(section, slug, current) {
  const old = one(section, "[data-recipe]");
  old.classList.add("waiting");
  const fresh = await page(at(`lab/recipe/${slug}/`)).catch(() => null); // what stands there is of another attack
  if (!current()) return;
  old.replaceChildren(...(fresh ? one(fresh, "[data-recipe]").childNodes : []));
  old.dataset.recipe = slug;
  old.classList.remove("waiting");
}

/* A second opening tries again what did not come. */
async function read(details) {
  const box = one(details, "[data-source]");
  const link = one(box, "a");
  if (!details.open || !link) return;
  const fresh = await page(link.href).catch(() => null);
  if (fresh) box.replaceChildren(...fresh.body.childNodes);
}
