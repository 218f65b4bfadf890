import { en, type TextKey } from './en.ts'
import { messageParts } from './formatMessage.ts'
import { createFormats } from './formats.ts'

export type { TextKey } from './en.ts'

/** Catalogues by language; another language is one more line. */
const catalogues = { en } satisfies Record<string, Record<TextKey, string>>
type Language = keyof typeof catalogues

/**
 * The catalogue's language, and the locale for numbers and times: the reader's own variant of that language
 * (`en-GB`) where there is one, so that figures and words never disagree.
 */
export function chooseLocale(preferred: readonly string[]): { language: Language; locale: string } {
  for (const tag of preferred) {
    const language = tag.split('-')[0]?.toLowerCase() ?? ''
    if (!Object.hasOwn(catalogues, language)) continue
    return { language: language as Language, locale: isLocale(tag) ? tag : language }
  }
  return { language: 'en', locale: 'en' }
}

/** Whether Intl takes a tag: a headless Chromium under the POSIX locale prefers `en-US@posix`, which it refuses. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

const chosen = chooseLocale(typeof document === 'undefined' ? ['en'] : navigator.languages)

/** Language of the texts, for `<html lang>`. */
export const language = chosen.language
/** Numbers, amounts, sizes and times as the reader writes them. */
export const formats = createFormats(chosen.locale)

/** The locale’s own ways of counting, for catalogues that come later. */
export const locale = {
  plural: new Intl.PluralRules(chosen.locale),
  number: new Intl.NumberFormat(chosen.locale),
}

/** A text of the catalogue with its values. */
export const say = (key: TextKey, values: Readonly<Record<string, string | number>> = {}): string =>
  messageParts<never>(catalogues[chosen.language][key], values, locale).join('')

/** A text with elements in it: the parts in order, for a component's children. */
export const sayParts = <Value>(
  key: TextKey,
  values: Readonly<Record<string, Value | string | number>>,
): (string | Value)[] => messageParts(catalogues[chosen.language][key], values, locale)

/** Whether the catalogue has a text of that name (codes that come from the relay). */
export const isTextKey = (key: string): key is TextKey => Object.hasOwn(en, key)
