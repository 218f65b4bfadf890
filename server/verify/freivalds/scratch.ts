/** Float64 working memory that grows to the largest length asked for and is reused; its contents are left over. */
export class Scratch {
  #array = new Float64Array(256)

  of(length: number): Float64Array {
    if (this.#array.length < length) this.#array = new Float64Array(length)
    return this.#array
  }
}
