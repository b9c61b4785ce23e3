/* The page's state in one object; parts draw themselves from it after every change. */

export function createStore(initial) {
  let state = initial;
  let queued = false;
  const parts = [];
  const draw = () => {
    queued = false;
    for (const part of parts) part(state);
  };
  return {
    get: () => state,
    /* Many changes in one turn of the event loop draw once. */
    set(patch) {
      state = { ...state, ...patch };
      if (!queued) {
        queued = true;
        queueMicrotask(draw);
      }
    },
    on(part) {
      parts.push(part);
      part(state);
    },
  };
}
