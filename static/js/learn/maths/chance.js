/* Chance that is the same in every browser. */

/* Mulberry32: 32 bits of state. From 0 to 1, 1 excluded. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/* One number of mean 0 and deviation 1, from two even ones (Box and Muller). */
export function normal(uniform) {
  const [u, v] = [uniform(), uniform()];
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}

/* The same things in an order by chance, every order as likely (Fisher and Yates). */
export function shuffled(things, uniform) {
  const order = [...things];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
