/* What a page carries for its scripts, and small helpers to find and make elements. */

const cache = new Map();

/* The JSON that the server put into <script id="lab-NAME" type="application/json">, or null. */
export function data(name) {
  if (!cache.has(name)) {
    const node = document.getElementById(`lab-${name}`);
    cache.set(name, node ? JSON.parse(node.textContent) : null);
  }
  return cache.get(name);
}

export const one = (root, selector) => root.querySelector(selector);
export const all = (root, selector) => [...root.querySelectorAll(selector)];

/* An element with attributes and children: make("a", {href}, "text", node). */
export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/* Sets text only when it differs, so that nothing is announced or laid out twice. */
export function tell(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

export function show(node, visible) {
  if (node) node.hidden = !visible;
}

/* Shows a control, or what holds one, while it can be used; focus that it had goes to another instead of nowhere. */
export function offer(control, usable, other) {
  const left = !usable && control.contains(document.activeElement);
  show(control, usable);
  if (left) other.focus({ preventScroll: true });
}

/* Whether a button answers just now. `disabled` would take the focus from the one that was pressed. */
export function answers(button, can) {
  if (can) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}

/* Other buttons in a list; the focus stays on the one that it was on, known by its data-key. */
export function redraw(list, items) {
  const held = list.contains(document.activeElement) ? document.activeElement.dataset.key : "";
  list.replaceChildren(...items);
  if (held)
    all(list, "[data-key]")
      .find(({ dataset }) => dataset.key === held)
      ?.focus({ preventScroll: true });
}

/* The words of a sentence without their roles. */
export const plain = (parts) => parts.map(({ text }) => text).join("");

/* Every [data-parts] keeps the colour roles of a sentence as spans. */
export function tellParts(node, parts) {
  const text = parts.map((part) => `${part.role}\u0000${part.text}`).join("\u0001");
  if (node.dataset.said === text) return;
  node.dataset.said = text;
  node.replaceChildren(...parts.map(({ text: words, role }) => (role ? make("span", { class: role }, words) : words)));
}

/* Says at the top of `box` that a script of it did not arrive, even when asked for again. */
export function notWhole(box) {
  box.prepend(make("p", { role: "alert" }, gettext("Not all of this page has arrived. Please load it again.")));
}
