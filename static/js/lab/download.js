/* The picture at the slider's level as a file: saved, read again and judged by the server before it is offered. */

import { make, one, show, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { attacked, original, ownLevel, pointAt, swept } from "./evidence.js";
import { askLevel } from "./frames.js";

export function download(root, store) {
  const button = one(root, "[data-save]");
  const link = one(root, "[data-file]");
  const badge = one(root, "[data-badge]");
  let awaited = null;
  button.addEventListener("click", () => {
    const { attack, k } = store.get();
    awaited = { attack: attack.id, k };
    askLevel(store, attack.id, k);
  });
  store.on((s) => {
    const job = jobAt(s);
    const file = job?.result;
    const busy = Boolean(job) && !file && job.status !== "failed" && job.status !== "cancelled";
    show(link, Boolean(file));
    show(button, !file);
    button.disabled = !attacked(s) || busy || s.k === 0 || s.readonly;
    tell(
      button,
      busy ? gettext("Saving and judging…") : say(gettext("Save the PNG at %(eps)s"), { eps: `${s.k}/255` }),
    );
    if (file) offer(link, s, file);
    tell(badge, judged(s, job));
    badge.dataset.outcome = file?.verified && file.top[0].index !== original(s).index ? "fools" : "plain";
    if (awaited) awaited = taken(s, awaited, link);
  });
}

/* What is known of the file at this level; an attack that is no ray has one, which was judged already. */
function jobAt(s) {
  const result = attacked(s);
  if (!result || swept(s)) return s.saved[s.k];
  if (s.k === ownLevel(s)) {
    return { status: "done", result: { ...result.adversarial, verified: result.verified } };
  }
  const point = pointAt(s, s.k);
  return point?.image_url && { status: "done", result: { ...point, top: [point.top], verified: true } };
}

/* The click that asked for a file also saves it, once it is judged. What is still awaited afterwards. */
function taken(s, awaited, link) {
  const job = s.saved[awaited.k];
  if (s.attack?.id !== awaited.attack || ["failed", "cancelled"].includes(job?.status)) return null;
  if (!job?.result) return awaited;
  make("a", { href: job.result.image_url, download: nameOf(job.result, awaited.k) }).click();
  if (awaited.k === s.k) link.focus();
  return null;
}

function nameOf(file, k) {
  const slug = file.top[0].label.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `gibbon-${slug}-${k}.png`;
}

function offer(link, s, file) {
  link.href = file.image_url;
  link.download = nameOf(file, swept(s) ? s.k : s.chosen);
  tell(link, say(gettext("Download %(name)s"), { name: link.download }));
}

/* What the server found in the file it wrote. */
function judged(s, job) {
  if (s.readonly || !attacked(s)) return "";
  if (s.k === 0) return gettext("At 0 this is the picture itself.");
  if (job?.error) return job.error.message;
  return job?.result?.file_words ?? (job ? gettext("the file is written, read back and judged alone") : "");
}
