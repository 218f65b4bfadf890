/** `a`[m,k] times `b`[k,n] gives `c`[m,n]. */
export interface MatmulShape {
  m: number
  k: number
  n: number
}

/** What the checks of a product give where every row is right. */
export const EVERY_ROW_RIGHT = -1
