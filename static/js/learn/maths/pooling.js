/* Maps of numbers, rows of columns: made smaller by twos, and moved. */

const SIZE = 2;

/* Of each two by two values the largest ("max") or their mean ("average"); sides are even. */
export function pooled(map, how) {
  return even(map).map((row) =>
    even(map[row]).map((column) => {
      const values = [map[row][column], map[row][column + 1], map[row + 1][column], map[row + 1][column + 1]];
      return how === "max" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0) / SIZE ** 2;
    }),
  );
}

/* Moved to the right and down, by less than nothing to the left and up; zeros come in, what leaves is lost. */
export function moved(map, across, down) {
  return map.map((row, r) => row.map((_, c) => map[r - down]?.[c - across] ?? 0));
}

/* How many of the values differ. */
export function changed(map, other) {
  return map.flat().filter((value, place) => value !== other.flat()[place]).length;
}

const even = (list) => list.map((_, place) => place).filter((place) => place % SIZE === 0);
