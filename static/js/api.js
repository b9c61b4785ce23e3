/* The site's HTTP API, with its errors in words and its "come back later" kept. */

/* What went wrong, as the server said it. `retryAfter` in seconds, or null when trying again will not help. */
export class Refusal extends Error {
  constructor(message, { status = 0, code = "network", retryAfter = null } = {}) {
    super(message);
    Object.assign(this, { status, code, retryAfter });
  }
}

export async function request(method, url, { body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrf();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw offline();
  }
  if (!response.ok) throw refusal(response.status, await response.text(), response.headers.get("Retry-After"));
  return response.status === 204 ? null : response.json();
}

/* Sends one picture to be prepared as a "photo" or a "digit"; `onProgress(share)` from 0 to 1. fetch cannot report an upload's progress, XMLHttpRequest can. */
export function upload(url, file, { prepare, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", url);
    xhr.setRequestHeader("X-CSRFToken", csrf());
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    xhr.onload = () => {
      if (xhr.status < 300) resolve(JSON.parse(xhr.responseText));
      else reject(refusal(xhr.status, xhr.responseText, xhr.getResponseHeader("Retry-After")));
    };
    xhr.onerror = () => reject(offline());
    xhr.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => xhr.abort());
    const form = new FormData();
    form.append("prepare", prepare);
    form.append("image", file, file.name || "picture");
    xhr.send(form);
  });
}

export const api = {
  job: (id, options) => request("GET", `/api/v1/jobs/${id}`, options),
  cancel: (id) => request("DELETE", `/api/v1/jobs/${id}`),
  /* `ask` names the network: {classifier: slug} for the live version, {version: sha256} for any other. */
  predict: (image, ask) => request("POST", "/api/v1/jobs", { body: { kind: "predict", image, ...ask } }),
  attack: (image, ask, attack, params) => request("POST", "/api/v1/jobs", { body: { kind: "attack", image, ...ask, attack, params } }),
  repetitions: (attack) => request("GET", `/lab/${attack}/beside.json`),
  ladder: (of) => request("POST", "/api/v1/jobs", { body: { kind: "ladder", of } }),
  level: (id, k) => request("POST", `/api/v1/jobs/${id}/levels/${k}`),
  draws: (id, k) => request("POST", `/api/v1/jobs/${id}/levels/${k}/draws`),
  share: (id) => request("POST", `/api/v1/jobs/${id}/share`),
  unshare: (id) => request("DELETE", `/api/v1/jobs/${id}/share`),
  forget: (image) => request("DELETE", `/api/v1/images/${image}`),
};

function csrf() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

function offline() {
  return new Refusal(gettext("The server cannot be reached. Is this device online?"), { retryAfter: 5 });
}

function refusal(status, text, retryAfter) {
  const said = parsed(text)?.error;
  const wait = [429, 503].includes(status) ? Number(retryAfter) || 5 : null;
  return new Refusal(said?.message ?? unexplained(status), { status, code: said?.code ?? "http", retryAfter: wait });
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
