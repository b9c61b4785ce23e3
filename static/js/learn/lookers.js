/* Which computations the pages of this browser look at, told among them: each has its visitor's, and none can know
   whether a page that asked for one is still there. */

const PATIENCE = 300; // milliseconds that another page has for its answer

const channel = new BroadcastChannel("gibbon-computations");
const lookedAt = new Set();
let asked = 0; // computations whose ids are not told yet

/* This page looks at the job from now on; gives what ends that. */
export function look(id) {
  lookedAt.add(id);
  return () => lookedAt.delete(id);
}

/* What the promise gives; until then any job may be the one that this page will look at. */
export async function looking(promise) {
  asked += 1;
  try {
    return await promise;
  } finally {
    asked -= 1;
  }
}

/* Whether a page looks at the job, this one or another that answers soon enough. */
export function isLookedAt(id) {
  if (lookedAt.has(id)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hear = ({ data }) => data.looksAt === id && resolve(true);
    channel.addEventListener("message", hear);
    channel.postMessage({ whoLooksAt: id });
    setTimeout(() => {
      channel.removeEventListener("message", hear);
      resolve(false);
    }, PATIENCE);
  });
}

channel.addEventListener("message", ({ data: { whoLooksAt } }) => {
  if (whoLooksAt && (asked || lookedAt.has(whoLooksAt))) channel.postMessage({ looksAt: whoLooksAt });
});
