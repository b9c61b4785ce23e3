/* Follows a job to its end: by WebSocket where one opens within a second, else by asking again and again. */

import { api, at } from "./api.js";

const SOCKET_PATIENCE = 1000;
const SILENCE = 5000;
const FIRST_POLL = 300;
const LONGEST_POLL = 2000;
const OVER = ["done", "failed", "cancelled"];

export const isOver = (job) => OVER.includes(job.status);

/* Calls onJob(job) for the first state and every change; returns a function that stops following.
   A socket is a hint only: whatever it does, polling brings the job to its end. */
export function follow(id, onJob, onTrouble = () => {}) {
  const watch = { stopped: false, timer: 0, socket: null, wait: FIRST_POLL };
  const stop = () => {
    watch.stopped = true;
    clearTimeout(watch.timer);
    watch.socket?.close();
  };
  const receive = (job) => {
    if (watch.stopped) return;
    if (isOver(job)) stop();
    onJob(job);
  };
  openSocket(watch, id, receive, () => poll(watch, id, receive, onTrouble));
  return stop;
}

function openSocket(watch, id, receive, fallBack) {
  let fellBack = false;
  const once = () => {
    if (fellBack || watch.stopped) return;
    fellBack = true;
    clearTimeout(watch.timer);
    fallBack();
  };
  watch.timer = setTimeout(once, SOCKET_PATIENCE);
  try {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    watch.socket = new WebSocket(`${scheme}://${location.host}${at(`ws/jobs/${id}`)}`);
  } catch {
    once();
    return;
  }
  watch.socket.onmessage = (event) => {
    clearTimeout(watch.timer);
    if (!fellBack) watch.timer = setTimeout(once, SILENCE); // a dropped connection may say nothing at all
    receive(JSON.parse(event.data));
  };
  watch.socket.onclose = once;
  watch.socket.onerror = once;
}

async function poll(watch, id, receive, onTrouble) {
  if (watch.stopped) return;
  try {
    receive(await api.job(id));
  } catch (error) {
    if (error.status === 404) {
      watch.stopped = true;
      onTrouble(error);
      return;
    }
    watch.wait = Math.max(watch.wait, (error.retryAfter ?? 0) * 1000);
  }
  if (watch.stopped) return;
  watch.timer = setTimeout(() => poll(watch, id, receive, onTrouble), watch.wait);
  watch.wait = Math.min(watch.wait * 1.4, LONGEST_POLL);
}
