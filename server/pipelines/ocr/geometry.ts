/** x to the right, y downwards, pixels; a pixel's centre is at its index plus one half. */
export type Point = readonly [x: number, y: number]

/** Four corners, clockwise as seen, from the top left. */
export type Quad = readonly [topLeft: Point, topRight: Point, bottomRight: Point, bottomLeft: Point]

export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1])

/** Length of a quad's upper and left edge; a rectangle's width and height. */
export const sizeOf = ([topLeft, topRight, , bottomLeft]: Quad): { width: number; height: number } => ({
  width: distance(topLeft, topRight),
  height: distance(topLeft, bottomLeft),
})

export const centreOf = (quad: Quad): Point => [
  (quad[0][0] + quad[1][0] + quad[2][0] + quad[3][0]) / 4,
  (quad[0][1] + quad[1][1] + quad[2][1] + quad[3][1]) / 4,
]

/** Twice the signed area of the triangle o, a, b; positive when it turns clockwise as seen (y downwards). */
export const cross = (o: Point, a: Point, b: Point): number =>
  (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
