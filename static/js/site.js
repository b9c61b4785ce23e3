/* What every page has: the button that changes between light and dark. */

import { one, show, tell } from "./page.js";

export function start(root) {
  const button = one(root, "[data-theme-button]");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  const label = () => tell(button, current() === "dark" ? gettext("Light") : gettext("Dark"));
  button.addEventListener("click", () => {
    const theme = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // a browser that keeps nothing: the choice holds for this page
    }
    label();
  });
  dark.addEventListener("change", label);
  label();
  show(button, true);
}

start(document);
