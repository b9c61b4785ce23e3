/* The site's HTTP API, with its errors in words and its "come back later" kept. */

/* A path of the site, below whatever path the site itself lies at. */
export const at = (path) => (document.documentElement.dataset.root ?? "/") + path;

const READ_PATIENCE = 30_000; // ms for what is only read: all of it is small, and can be asked for again
const PASSING = [408, 425, 429]; // 4xx that another try may change

/* What went wrong, as the server said it. `retryAfter` in seconds, or null; `final` when trying again cannot help;
   `job` is the id of the visitor's own that stands in the way, or null. */
export class Refusal extends Error {
  constructor(message, { status = 0, code = "network", retryAfter = null, job = null } = {}) {
    super(message);
    const final = status >= 400 && status < 500 && !PASSING.includes(status);
    Object.assign(this, { status, code, retryAfter, job, final });
  }
}

export async function request(method, url, options = {}) {
  if (deleting) await refused(deleting);
  try {
    return await (method === "GET" ? send(method, url, options) : withToken(() => send(method, url, options)));
  } catch (error) {
    if (deleting) await refused(deleting);
    throw error;
  }
}

let deleting = null; // resolves to whether what the page shows is gone

/* Deletes what a page shows. What else it asks for waits, and what has failed meanwhile: it is let go once the picture
   is gone, or the page would be told "not found" of it, and goes on where the deletion is refused. */
async function remove(url) {
  const deletion = withToken(() => send("DELETE", url, {}));
  deleting = deletion.then(
    () => true,
    () => false,
  );
  try {
    return await deletion;
  } catch (error) {
    deleting = null;
    throw error;
  }
}

/* Until the deletion is refused; where it is not, nothing is asked for any more. */
async function refused(deletion) {
  if (await deletion) throw new DOMException("", "AbortError");
}

async function send(method, url, { body, signal, keepalive }) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrf();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  let text;
  try {
    response = await fetch(url, {
      method,
      headers,
      keepalive, // sent even if the page is left meanwhile
      signal: AbortSignal.any([signal, method === "GET" && AbortSignal.timeout(READ_PATIENCE)].filter(Boolean)),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw offline();
  }
  if (!response.ok) throw refusal(response.status, text, response.headers.get("Retry-After"));
  return response.status === 204 ? null : answer(text);
}

/* The site answers in JSON: what is none comes from somebody on the way, as a hotspot that wants to be logged in to. */
function answer(text) {
  const given = parsed(text);
  if (given === null) throw offline();
  return given;
}

/* A piece of a page, as a document whose nodes can be taken over. */
export async function page(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(READ_PATIENCE) });
  if (!response.ok) throw refusal(response.status, await response.text(), response.headers.get("Retry-After"));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/* The page's token grows old when somebody logs in in another tab: then a fresh one is fetched, and all is sent once more. */
async function withToken(act) {
  try {
    return await act();
  } catch (error) {
    if (!["csrf", "no_cookie"].includes(error.code)) throw error;
    const { token } = await send("GET", at("csrf.json"), {});
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
    return act();
  }
}

/* Whether the browser may read the file: a folder, or a file that is gone, looks like one until it is read. */
export async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/* Sends one picture to be prepared as one of the known preparations; `onProgress(share)` from 0 to 1. fetch cannot report an upload's progress, XMLHttpRequest can. */
export function upload(url, file, options) {
  return withToken(() => sendFile(url, file, options));
}

function sendFile(url, file, { prepare, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", url);
    xhr.setRequestHeader("X-CSRFToken", csrf());
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    xhr.onload = () => {
      try {
        if (xhr.status >= 300) throw refusal(xhr.status, xhr.responseText, xhr.getResponseHeader("Retry-After"));
        resolve(answer(xhr.responseText));
      } catch (error) {
        reject(error);
      }
    };
    xhr.onerror = async () => reject((await readable(file)) ? offline() : unreadable());
    xhr.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => xhr.abort());
    const form = new FormData();
    form.append("prepare", prepare);
    form.append("image", file, file.name || "picture");
    xhr.send(form);
  });
}

export const api = {
  job: (id, options) => request("GET", at(`api/v1/jobs/${id}`), options),
  cancel: (id) => request("DELETE", at(`api/v1/jobs/${id}`)),
  /* `ask` names the network: {classifier: slug} for the live version, {version: identity} for any other. */
  predict: (image, ask) => request("POST", at("api/v1/jobs"), { body: { kind: "predict", image, ...ask } }),
  attack: (image, ask, attack, params) =>
    request("POST", at("api/v1/jobs"), { body: { kind: "attack", image, ...ask, attack, params } }),
  /* How long such an attack would take, and what is said of it; nothing is begun. */
  forecast: (image, ask, attack, params, options) =>
    request("POST", at("api/v1/jobs/forecast"), {
      body: { kind: "attack", image, ...ask, attack, params },
      ...options,
    }),
  otherSteps: (attack) => request("GET", at(`lab/${attack}/steps.json`)),
  repetitions: (attack) => request("GET", at(`lab/${attack}/beside.json`)),
  sweep: (of) => request("POST", at("api/v1/jobs"), { body: { kind: "sweep", of } }),
  point: (id, value) => request("POST", at(`api/v1/jobs/${id}/points/${value}`)),
  draws: (id, value) => request("POST", at(`api/v1/jobs/${id}/points/${value}/draws`)),
  share: (id) => request("POST", at(`api/v1/jobs/${id}/share`)),
  unshare: (id) => request("DELETE", at(`api/v1/jobs/${id}/share`)),
  forget: (image) => remove(at(`api/v1/images/${image}`)),
};

function csrf() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

function offline() {
  return new Refusal(gettext("The server cannot be reached. Is this device online?"), { retryAfter: 5 });
}

function unreadable() {
  return new Refusal(gettext("This file can no longer be read. Perhaps it was moved or changed."), {
    status: 400,
    code: "unreadable",
  });
}

function refusal(status, text, retryAfter) {
  const said = parsed(text)?.error;
  const wait = [429, 503].includes(status) ? Number(retryAfter) || 5 : null;
  const { message = unexplained(status), code = "http", job } = said ?? {};
  return new Refusal(message, { status, code, retryAfter: wait, job });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unexplained(status) {
  if (status === 413) return gettext("This picture is too large for this server.");
  if (status === 503) return gettext("The server is very busy just now.");
  return interpolate(gettext("The server answered with error %s. Nothing was lost; please try again."), [status]);
}
