import { enLab, type LabTextKey } from './enLab.ts'
import { messageParts } from './formatMessage.ts'
import { language, locale } from './say.ts'

export type { LabTextKey } from './enLab.ts'

/** Catalogues of the lab by language: as many as say.ts has. */
const catalogues = { en: enLab } satisfies Record<typeof language, Record<LabTextKey, string>>

/** A text of the lab with its values. */
export const sayLab = (key: LabTextKey, values: Readonly<Record<string, string | number>> = {}): string =>
  messageParts<never>(catalogues[language][key], values, locale).join('')
