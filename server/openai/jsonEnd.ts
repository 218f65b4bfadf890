/** Finds the end of a JSON object that comes in pieces, without keeping it. */
export class JsonEnd {
  #depth = 0
  #inText = false
  #isEscaped = false

  /** Characters of `text` up to and with the object's end; -1 while it goes on. The first piece begins with `{`. */
  push(text: string): number {
    for (let at = 0; at < text.length; at++) {
      const character = text[at]
      if (this.#isEscaped) this.#isEscaped = false
      else if (this.#inText) {
        if (character === '\\') this.#isEscaped = true
        else if (character === '"') this.#inText = false
      } else if (character === '"') this.#inText = true
      else if (character === '{' || character === '[') this.#depth++
      else if ((character === '}' || character === ']') && --this.#depth === 0) return at + 1
    }
    return -1
  }
}
