import type { Said } from '../lab/labWords.ts'
import { enLab, type LabTextKey } from './enLab.ts'
import { messageParts } from './formatMessage.ts'
import { language, locale } from './say.ts'

export type { LabTextKey } from './enLab.ts'

/** Catalogues of the lab by language: as many as say.ts has. */
const catalogues = { en: enLab } satisfies Record<typeof language, Record<LabTextKey, string>>

/** A text of the lab with its values. */
export const sayLab = (key: LabTextKey, values: Readonly<Record<string, string | number>> = {}): string =>
  messageParts<never>(catalogues[language][key], values, locale).join('')

/** What a worker or a store has to say: a sentence of the catalogue, else somebody's own words. */
export function saySaid(said: Said): string {
  if (typeof said === 'string') return said
  const text = sayLab(said.key, said.values)
  return said.field ? sayLab('fault.ofField', { field: saySaid(said.field), text }) : text
}
