/* Work that is given up once it has been silent for too long, and asked for again: a request may be neither answered
   nor refused. */

/* work(signal, heard) -> a promise; it rejects when `silence` ms pass without a call of heard(). A slow line is heard. */
export async function unlessSilent(silence, work) {
  const stop = new AbortController();
  let timer = 0;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(new Error(`Silent for ${silence} ms.`)), silence);
  };
  const givenUp = new Promise((_, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason));
  });
  heard();
  try {
    return await Promise.race([givenUp, work(stop.signal, heard)]);
  } finally {
    clearTimeout(timer);
  }
}

const AGAIN_AFTER = 1500; // ms

/* What ask(again) gives: a line that was cut for a moment costs nothing, since what fails is asked for once more. */
export async function onceMore(ask) {
  try {
    return await ask(false);
  } catch {
    await new Promise((done) => setTimeout(done, AGAIN_AFTER));
    return ask(true);
  }
}

/* The answer's body as it comes in, heard(): after each piece of it. */
export async function received(response, heard) {
  const pieces = [];
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    heard();
    if (done) return new Blob(pieces, { type: response.headers.get("Content-Type") ?? "" });
    pieces.push(value);
  }
}
