/* What a reader has done of each lesson, kept in this browser and nowhere else. */

const KEY = "learn";

/* Names of what was done in a lesson: "1" to the number of its experiments, and "question". */
export const done = (slug) => new Set(read()[slug] ?? []);

export function note(slug, name) {
  const all = read();
  write({ ...all, [slug]: [...new Set([...(all[slug] ?? []), name])] });
}

export const any = () => Object.keys(read()).length > 0;

export function forget() {
  write({});
}

/* A browser that keeps nothing, or something else under that name: nothing is done yet. */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

function write(all) {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // it is told while this page is open, and forgotten then
  }
}
