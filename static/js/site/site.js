/* What every page has: moments in the reader's own time, and the way to the other language. */

import { all, tell } from "../lib/page.js";

const WHEN = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }; // in the reader's own time zone

export function start(root) {
  for (const time of all(root, "time[datetime]"))
    tell(time, new Date(time.dateTime).toLocaleString(document.documentElement.lang, WHEN));
  for (const link of all(root, "[data-language]")) link.addEventListener("click", () => followAddress(link));
}

/* The address as it is now: a page changes its own while it is used. */
function followAddress(link) {
  const there = new URL(location.href);
  there.searchParams.set("lang", link.hreflang);
  link.href = there.href;
}

start(document);
