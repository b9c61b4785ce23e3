/* The map: how far the reader has come in each lesson. */

import { all, offer, one, tell } from "../lib/page.js";
import { say } from "../lib/words.js";
import { any, done, forget } from "./progress.js";

export function start(root) {
  const button = one(root, "[data-forget]");
  const heading = one(root, "h1");
  const draw = () => {
    for (const station of all(root, "[data-station]")) mark(station);
    offer(button, any(), heading);
  };
  button.addEventListener("click", () => {
    forget();
    draw();
  });
  draw();
  addEventListener("pageshow", ({ persisted }) => persisted && draw()); // back from a lesson, to the page as it was left
}

function mark(station) {
  const tasks = Number(station.dataset.tasks);
  const count = Math.min(tasks, done(station.dataset.station).size);
  station.toggleAttribute("data-done", count === tasks);
  const words = count === tasks ? gettext("done") : say(gettext("%(count)s of %(tasks)s done"), { count, tasks });
  tell(one(station, "[data-progress]"), count ? ` · ${words}` : "");
}

start(document.querySelector("main"));
