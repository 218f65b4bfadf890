/** y[columns, rows] from x[rows, columns]. */
export function transposeReference(
  x: Uint32Array,
  { rows, columns }: { rows: number; columns: number },
): Uint32Array<ArrayBuffer> {
  const y = new Uint32Array(x.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) y[column * rows + row] = x[row * columns + column]!
  }
  return y
}
