/* A layer's maps laid beside each other on one picture, a clear line between them, and where a unit lies there. */

/* shape: [channels, rows, columns], or [units], which are maps of one place without lines between them. */
export function laidOut([maps, rows = 1, columns = 1], across) {
  const line = rows > 1 ? 1 : 0;
  const [right, down] = [columns + line, rows + line];
  const deep = Math.ceil(maps / across);
  return { maps, rows, columns, across, right, down, width: across * right - line, height: deep * down - line };
}

/* The left upper corner of a unit's place. */
export function cornerOf({ across, right, down }, channel, row, column) {
  return [(channel % across) * right + column, Math.floor(channel / across) * down + row];
}

/* The unit at a place, or null on a line or beside the maps. */
export function unitAt({ maps, rows, columns, across, right, down }, x, y) {
  const [column, row] = [Math.floor(x) % right, Math.floor(y) % down];
  const channel = Math.floor(y / down) * across + Math.floor(x / right);
  const beside = x < 0 || y < 0 || x >= across * right || channel >= maps;
  return beside || column >= columns || row >= rows ? null : { channel, row, column };
}

/* Levels of the whole picture, row by row; null where a line is. `levels`: of the maps, one after the other. */
export function arranged(layout, levels) {
  const { rows, columns, width, height } = layout;
  return Array.from({ length: width * height }, (_, place) => {
    const unit = unitAt(layout, place % width, Math.floor(place / width));
    return unit && levels[(unit.channel * rows + unit.row) * columns + unit.column];
  });
}
