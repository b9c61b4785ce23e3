/* Brings the parts marked data-live up to date with those of the page as the server would send it now. */

import { all, one } from "../lib/page.js";

const AGAIN = 2000; // milliseconds after a failure
const PATIENCE = 30_000; // milliseconds for the page

/* Returns a function that asks for one more renewal; asked while one is under way, another one follows it. */
export function renewals(root) {
  let running = false;
  let wanted = false;
  const run = async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      await renew(root).catch(() => {
        setTimeout(run, AGAIN); // unreachable for a moment: what is shown stays until then
      });
    }
    running = false;
  };
  return run;
}

async function renew(root) {
  const response = await fetch(location.href, {
    headers: { Accept: "text/html" },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!response.ok) throw new Error(String(response.status));
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of all(root, "[data-live]")) {
    const next = one(fresh, `[data-live="${part.dataset.live}"]`);
    if (next && words(next) !== words(part)) replace(part, next);
  }
}

/* What a part says, without the token that differs in every answer and what its reader has opened. */
function words(part) {
  return part.innerHTML.replace(/<input type="hidden"[^>]*>/g, "").replaceAll(' open=""', "");
}

function replace(part, next) {
  const open = all(part, "details").map((details) => details.open);
  const scrolled = all(part, ".scroll").map(({ scrollTop, scrollLeft }) => [scrollLeft, scrollTop]);
  const held = part.contains(document.activeElement) ? called(document.activeElement) : null;
  part.replaceChildren(...document.importNode(next, true).childNodes);
  for (const [i, details] of all(part, "details").entries()) details.open = open[i] ?? details.open;
  for (const [i, box] of all(part, ".scroll").entries()) if (scrolled[i]) box.scrollTo(...scrolled[i]);
  if (held) focusAgain(part, held);
}

/* What makes it the same control to its reader: buttons have ids, links lead somewhere, tables and their titles have words. */
function called({ id, tagName, attributes, textContent }) {
  const { href, "aria-label": label } = attributes;
  return id || [tagName, (href ?? label)?.value ?? textContent.trim()].join();
}

/* Where the control is gone with what it was for, the next Tab leads to what can be done now. */
function focusAgain(part, held) {
  const same = all(part, "a, button, summary, [tabindex]").find((control) => called(control) === held);
  if (!same) part.tabIndex = -1;
  (same ?? part).focus({ preventScroll: true });
}
