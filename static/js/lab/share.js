/* A read-only address for others, off until wanted; and deleting the picture with all that was made of it. */

import { api, at } from "../lib/api.js";
import { one, show, tell } from "../lib/page.js";
import { attacked } from "./evidence.js";
import { fail } from "./flow.js";

export function share(root, store) {
  const panel = one(root, "[data-share]");
  const address = one(panel, "input");
  const own = (s) => Boolean(attacked(s)) && !s.readonly && s.samples.every(({ job }) => job !== s.attack.id);
  const next = () => one(panel, store.get().share ? "input" : "[data-share-on]").focus(); // in the pressed one's place
  one(panel, "[data-share-on]").addEventListener("click", () => change(store, api.share, next));
  one(panel, "[data-share-off]").addEventListener("click", () => change(store, api.unshare, next));
  one(panel, "[data-copy]").addEventListener("click", (event) => copy(address, event.currentTarget));
  store.on((s) => {
    show(panel, own(s));
    show(one(panel, "[data-share-is-on]"), Boolean(s.share));
    show(one(panel, "[data-share-is-off]"), !s.share);
    if (!s.share) return;
    const { href } = new URL(s.k === s.params.epsilon ? s.share.url : `${s.share.url}#${s.k}`, location.href); // as it stands here
    if (address.value === href) return;
    address.value = href;
    tell(one(panel, "[data-copy]"), gettext("Copy"));
  });
}

async function change(store, act, then) {
  const { id } = store.get().attack;
  try {
    const answer = await act(id);
    if (store.get().attack?.id !== id) return;
    store.set({ share: answer?.url ? answer : null, error: null });
    queueMicrotask(then); // once it is drawn
  } catch (error) {
    fail(store, error, () => change(store, act, then));
  }
}

/* The clipboard API wants HTTPS; in a lecture hall on plain HTTP the selection is copied the old way. */
async function copy(input, button) {
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    document.execCommand("copy");
  }
  tell(button, gettext("Copied"));
  button.focus(); // selecting took it away; who listens is told the button's new name
}

export function forget(root, store) {
  const button = one(root, "[data-forget]");
  const dialog = one(document, "dialog[data-dialog=forget]");
  button.addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "yes") return;
    dialog.returnValue = "";
    try {
      await api.forget(store.get().picture.id);
      addEventListener("pageshow", () => location.reload()); // where the browser has kept this page for its Back
      location.replace(at(""));
    } catch (error) {
      fail(store, error);
    }
  });
  store.on((s) => {
    show(button, Boolean(s.own && s.picture && !s.readonly));
    const expires = s.own && s.picture?.expires;
    tell(
      one(root, "[data-expiry]"),
      expires ? interpolate(gettext("It is deleted by itself on %s."), [dateOf(expires)]) : "",
    );
  });
}

function dateOf(moment) {
  return new Date(moment).toLocaleDateString(document.documentElement.lang, {
    day: "numeric",
    month: "long",
    year: "numeric",
  });
}
