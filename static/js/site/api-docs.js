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

/* What Swagger UI itself says, which has one language. */
const WORDS = new Map([
  ["Authorize", gettext("Authorize")],
  ["Available authorizations", gettext("Available authorizations")],
  ["Close", gettext("Close")],
  ["Logout", gettext("Log out")],
  ["Value:", gettext("Value:")],
  ["Parameters", gettext("Parameters")],
  ["No parameters", gettext("No parameters")],
  ["Name", gettext("Name")],
  ["Description", gettext("Description")],
  ["Try it out", gettext("Try it out")],
  ["Cancel", gettext("Cancel")],
  ["Reset", gettext("Reset")],
  ["Execute", gettext("Execute")],
  ["Clear", gettext("Clear")],
  ["Request body", gettext("Request body")],
  ["required", gettext("required")],
  ["Examples:", gettext("Examples:")],
  ["Examples", gettext("Examples")],
  ["Example Value", gettext("Example value")],
  ["Schema", gettext("Schema")],
  ["Schemas", gettext("Schemas")],
  ["Edit Value", gettext("Edit the value")],
  ["Send empty value", gettext("Send empty value")],
  ["Responses", gettext("Responses")],
  ["Code", gettext("Code")],
  ["Links", gettext("Links")],
  ["No links", gettext("No links")],
  ["Media type", gettext("Media type")],
  ["Media Type", gettext("Media type")],
  ["Server response", gettext("Server response")],
  ["Details", gettext("Details")],
  ["Request URL", gettext("Address asked")],
  ["Response body", gettext("Response body")],
  ["Response headers", gettext("Response headers")],
  ["Download", gettext("Download")],
  ["authorization button unlocked", gettext("Give the token")],
  ["authorization button locked", gettext("Change the token")],
  ["Request content type", gettext("Content type of the request")],
  ["Copy to clipboard", gettext("Copy")],
  ["Expand all", gettext("Expand all")],
  ["Collapse all", gettext("Collapse all")],
]);

function tell(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    const words = node.nodeType === Node.TEXT_NODE && WORDS.get(node.data.trim());
    if (words && words !== node.data.trim()) node.data = words;
  }
  for (const named of document.querySelectorAll("#swagger-ui [aria-label]")) {
    const words = WORDS.get(named.getAttribute("aria-label"));
    if (words) named.setAttribute("aria-label", words);
  }
  // the choice of an example comes without a label
  for (const choice of document.querySelectorAll(".examples-select-element:not([aria-label])"))
    choice.setAttribute("aria-label", gettext("Example"));
}

new MutationObserver((changes) => {
  for (const { target } of changes) tell(target);
}).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true, characterData: true });
