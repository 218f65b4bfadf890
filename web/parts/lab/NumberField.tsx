import { useSignal } from '@preact/signals'
import type { LabWords } from '../../lab/labWords.ts'
import { wordsOf } from '../../lab/labWords.ts'
import { Field } from './Field.tsx'

interface NumberFieldProps {
  label: string
  /** The number that is in use; null where the field may be empty and is. */
  value: number | null
  /** Takes a number into use; null for an empty field, where that is allowed. */
  onNumber: (value: number | null) => void
  /** Why a number cannot be used; null where it can. */
  refuse?: (value: number) => LabWords | null
  /** Shown while the field is empty, which then is allowed. */
  placeholder?: string
}

/**
 * A field for one number. What is typed stays as it is typed, `1.` and `-` on the way to a number, too; what is no number
 * is said, and the last one stays in use.
 */
export function NumberField({ label, value, onNumber, refuse, placeholder }: NumberFieldProps) {
  const draft = useSignal<string | null>(null)
  const inUse = value === null ? '' : String(value)
  const optional = placeholder !== undefined
  /** The number of a text; words where there is none. */
  const read = (text: string): number | null | LabWords => {
    const plain = text.trim()
    if (plain === '' && optional) return null
    const number = plain === '' ? Number.NaN : Number(plain)
    if (!Number.isFinite(number))
      return inUse === '' ? wordsOf('field.unused') : wordsOf('field.noNumber', { value: inUse })
    return refuse?.(number) ?? number
  }
  const typed = draft.value === null ? value : read(draft.value)
  const fault = typeof typed === 'object' ? typed : null
  // Another number came in from elsewhere: what was typed is over.
  const shown = draft.value === null || (fault === null && typed !== value) ? inUse : draft.value
  return (
    <Field
      label={label}
      value={shown}
      fault={fault}
      numeric
      {...(optional && { placeholder })}
      onInput={(text) => {
        draft.value = text
        const next = read(text)
        if (next === null || typeof next === 'number') onNumber(next)
      }}
      onBlur={() => {
        if (fault === null) draft.value = null
      }}
    />
  )
}
