import { useId } from 'preact/hooks'
import type { Said } from '../../lab/labWords.ts'
import { lab } from '../../lab.ts'
import { saySaid } from '../../text/sayLab.ts'

/** Longer values are shown whole under the pointer, characters. */
const LONG = 10

interface FieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  /** Its faults are shown under it. */
  field?: string
  /** What else is wrong with it. */
  fault?: Said | null
  placeholder?: string
  /** The label is for screen readers only: a column heading says it to the others. */
  bare?: boolean
  numeric?: boolean
  /** Nobody is to read it over the shoulder. */
  secret?: boolean
  onBlur?: () => void
}

/** A text field of the description, with what is wrong with it. */
export function Field({
  label,
  value,
  onInput,
  field,
  fault,
  placeholder,
  bare,
  numeric,
  secret,
  onBlur,
}: FieldProps) {
  const id = useId()
  const wrong = fault ?? faultOf(field)
  return (
    <span class="lab-field">
      <label class={bare ? 'heard' : 'note quiet'} for={id}>
        {label}
      </label>
      <input
        id={id}
        class="text-input mono"
        type={secret ? 'password' : 'text'}
        inputMode={numeric ? 'decimal' : undefined}
        spellcheck={false}
        autocomplete="off"
        value={value}
        placeholder={placeholder}
        // An expression may be longer than its field.
        title={value.length > LONG ? value : undefined}
        data-field={field}
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : `${id}-fault`}
        onInput={(event) => onInput(event.currentTarget.value)}
        onBlur={onBlur}
      />
      <FaultNote id={`${id}-fault`} fault={wrong} />
    </span>
  )
}

/** The first fault of a field; null where there is none. */
const faultOf = (field: string | undefined): Said | null =>
  lab.faults.value.find((fault) => fault.field === field)?.words ?? null

function FaultNote({ id, fault }: { id: string; fault: Said | null }) {
  if (fault === null) return null
  return (
    <span id={id} class="note warning">
      {saySaid(fault)}
    </span>
  )
}

/** Sets the focus on a field that has a fault, in a pass that is folded, too. */
export function goToField(field: string): void {
  const [found] = [...document.querySelectorAll<HTMLElement>('[data-field]')].filter(
    ({ dataset }) => dataset.field === field,
  )
  found?.closest('details')?.setAttribute('open', '')
  found?.focus()
}

interface ChoiceProps<Value extends string> {
  label: string
  value: Value
  values: readonly Value[]
  /** What a person reads for a value; the value itself where absent. */
  name?: (value: Value) => string
  onChange: (value: Value) => void
  bare?: boolean
  /** Its values are long: it takes the room of two fields. */
  wide?: boolean
  /** Its faults are shown under it. */
  field?: string
}

/** A select of the description. */
export function Choice<Value extends string>({
  label,
  value,
  values,
  name,
  onChange,
  bare,
  wide,
  field,
}: ChoiceProps<Value>) {
  const id = useId()
  const wrong = faultOf(field)
  return (
    <span class={wide ? 'lab-field wide' : 'lab-field'}>
      <label class={bare ? 'heard' : 'note quiet'} for={id}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        data-field={field}
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : `${id}-fault`}
        onChange={(event) => onChange(event.currentTarget.value as Value)}
      >
        {values.map((each) => (
          <option key={each} value={each}>
            {name ? name(each) : each}
          </option>
        ))}
      </select>
      <FaultNote id={`${id}-fault`} fault={wrong} />
    </span>
  )
}
