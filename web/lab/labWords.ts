import type { LabTextKey } from '../text/enLab.ts'

/** A sentence of the lab's catalogue with its values: what workers and stores have to say, without its words. */
export interface LabWords {
  key: LabTextKey
  values: Readonly<Record<string, string | number>>
  /** Name of the field that it is about, where it stands alone. */
  field?: LabWords
}

/** What is shown to a person: a sentence of the catalogue, or the words of a browser, a relay or a person's own program. */
export type Said = LabWords | string

export const wordsOf = (key: LabTextKey, values: LabWords['values'] = {}): LabWords => ({ key, values })

/** An error whose sentence stands in the catalogue. */
export class LabError extends Error {
  override readonly name: string = 'LabError'
  readonly words: LabWords
  constructor(words: LabWords) {
    super(words.key)
    this.words = words
  }
}

/** What an error says: its sentence of the catalogue, else its own words. */
export const saidBy = (error: unknown): Said =>
  error instanceof LabError ? error.words : error instanceof Error ? error.message : String(error)
