/* The API's page: Swagger UI, with the visitor's CSRF token sent along with every change that is tried out. */

import { at, request } from "../lib/api.js";

const settings = JSON.parse(document.getElementById("swagger-settings").textContent);

/* Fetched anew each time: a login in another tab changes it. */
async function withToken(asked) {
  if (asked.method && asked.method !== "GET")
    asked.headers["X-CSRFToken"] = (await request("GET", at("csrf.json"))).token;
  return asked;
}

/* Deep links would put a link into each line's button, which a screen reader cannot tell apart. */
globalThis.SwaggerUIBundle({
  ...settings,
  deepLinking: false,
  domNode: document.getElementById("swagger-ui"),
  presets: [globalThis.SwaggerUIBundle.presets.apis],
  requestInterceptor: withToken,
});

/* The choice of an example comes without a label. */
new MutationObserver(() => {
  for (const choice of document.querySelectorAll(".examples-select-element:not([aria-label])"))
    choice.setAttribute("aria-label", "Example");
}).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
