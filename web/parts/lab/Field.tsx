import { useId } from 'preact/hooks'
import { lab } from '../../lab.ts'

interface FieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  /** Its faults are shown under it. */
  field?: string
  placeholder?: string
  /** The label is for screen readers only: a column heading says it to the others. */
  bare?: boolean
  numeric?: boolean
  /** Width in letters; as wide as there is room where absent. */
  letters?: number
}

/** A text field of the description, with what is wrong with it. */
export function Field({ label, value, onInput, field, placeholder, bare, numeric, letters }: FieldProps) {
  const id = useId()
  const faults = field === undefined ? [] : lab.faults.value.filter((fault) => fault.field === field)
  const wrong = faults.length > 0
  return (
    <span class="lab-field" data-letters={letters}>
      <label class={bare ? 'heard' : 'note quiet'} for={id}>
        {label}
      </label>
      <input
        id={id}
        class="text-input mono"
        type="text"
        inputMode={numeric ? 'decimal' : undefined}
        spellcheck={false}
        autocomplete="off"
        value={value}
        placeholder={placeholder}
        aria-invalid={wrong}
        aria-describedby={wrong ? `${id}-fault` : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {wrong && (
        <span id={`${id}-fault`} class="note warning">
          {faults[0]!.message}.
        </span>
      )}
    </span>
  )
}

interface ChoiceProps<Value extends string> {
  label: string
  value: Value
  values: readonly Value[]
  /** What a person reads for a value; the value itself where absent. */
  name?: (value: Value) => string
  onChange: (value: Value) => void
  bare?: boolean
}

/** A select of the description. */
export function Choice<Value extends string>({
  label,
  value,
  values,
  name,
  onChange,
  bare,
}: ChoiceProps<Value>) {
  const id = useId()
  return (
    <span class="lab-field">
      <label class={bare ? 'heard' : 'note quiet'} for={id}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
        {values.map((each) => (
          <option key={each} value={each}>
            {name ? name(each) : each}
          </option>
        ))}
      </select>
    </span>
  )
}
