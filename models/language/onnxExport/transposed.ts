/** A matrix [rows, columns] of 2- or 4-byte elements turned round to [columns, rows], in tiles that fit the cache. */
export function transposed(
  bytes: Uint8Array<ArrayBuffer>,
  [rows, columns]: readonly [number, number],
  elementBytes: 2 | 4,
): Uint8Array<ArrayBuffer> {
  const Elements = elementBytes === 2 ? Uint16Array : Uint32Array
  const from = new Elements(bytes.buffer, bytes.byteOffset, rows * columns)
  const to = new Elements(rows * columns)
  const TILE = 32
  for (let row = 0; row < rows; row += TILE) {
    for (let column = 0; column < columns; column += TILE) {
      for (let r = row; r < Math.min(rows, row + TILE); r++) {
        for (let c = column; c < Math.min(columns, column + TILE); c++)
          to[c * rows + r] = from[r * columns + c]!
      }
    }
  }
  return new Uint8Array(to.buffer)
}
