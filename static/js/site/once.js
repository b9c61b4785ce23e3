/* An order is given once: who clicks twice means one training, and not to roll back and forth. */

const AGAIN = 3000; // milliseconds; then it can be given again: the first may have been stopped on its way

export function start(root) {
  let sent = new WeakMap(); // form -> when
  root.addEventListener("submit", (event) => {
    const { target: form, timeStamp: now } = event;
    if (event.defaultPrevented || form.method !== "post") return; // a script sends it
    if (now - (sent.get(form) ?? Number.NEGATIVE_INFINITY) < AGAIN) event.preventDefault();
    else sent.set(form, now);
  });
  addEventListener("pageshow", () => {
    sent = new WeakMap(); // who comes back by Back gives another order, however soon
  });
}

start(document);
