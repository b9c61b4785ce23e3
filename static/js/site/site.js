/* What every page has: moments in the reader's own time, the way to the other language, and the button that changes
   between light and dark. */

import { all, one, show, tell } from "../lib/page.js";

const WHEN = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }; // in the reader's own time zone

export function start(root) {
  for (const time of all(root, "time[datetime]"))
    tell(time, new Date(time.dateTime).toLocaleString(document.documentElement.lang, WHEN));
  for (const link of all(root, "[data-language]")) link.addEventListener("click", () => followAddress(link));
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

/* The address as it is now: a page changes its own while it is used. */
function followAddress(link) {
  const there = new URL(location.href);
  there.searchParams.set("lang", link.hreflang);
  link.href = there.href;
}

start(document);
