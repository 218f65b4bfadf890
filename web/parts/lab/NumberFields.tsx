import { useSignal } from '@preact/signals'
import { functionNames } from '../../lab/expression.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { Field } from './Field.tsx'

/** The numbers that expressions name, and the seed. */
export function NumberFields() {
  const { numbers, seed } = lab.session.value
  const fresh = useSignal('')
  const add = (): void => {
    const name = fresh.value.trim()
    if (!/^[A-Za-z_]\w*$/.test(name) || Object.hasOwn(numbers, name)) return
    lab.change({ numbers: { ...numbers, [name]: 1 } })
    fresh.value = ''
  }
  const remove = (name: string): void => {
    lab.change({ numbers: Object.fromEntries(Object.entries(numbers).filter(([each]) => each !== name)) })
  }
  return (
    <div class="lab-group">
      <h3>{sayLab('setup.numbers')}</h3>
      <div class="lab-fields">
        {Object.entries(numbers).map(([name, value]) => (
          <span key={name} class="lab-number">
            <Field
              label={name}
              value={String(value)}
              numeric
              onInput={(text) => {
                const number = Number(text)
                if (text.trim() !== '' && Number.isFinite(number))
                  lab.change({ numbers: { ...numbers, [name]: number } })
              }}
            />
            <button
              type="button"
              class="icon-button"
              aria-label={sayLab('setup.removeNumber', { name })}
              title={sayLab('setup.removeNumber', { name })}
              onClick={() => remove(name)}
            >
              <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                <path d="M6 6l8 8M14 6l-8 8" />
              </svg>
            </button>
          </span>
        ))}
        <Field
          label={sayLab('setup.seed')}
          value={String(seed)}
          numeric
          onInput={(text) => {
            const number = Number(text)
            if (Number.isInteger(number) && number >= 0 && number <= 0xffffffff) lab.change({ seed: number })
          }}
        />
        <form
          class="lab-number"
          onSubmit={(event) => {
            event.preventDefault()
            add()
          }}
        >
          <Field
            label={sayLab('setup.newNumber')}
            value={fresh.value}
            onInput={(text) => {
              fresh.value = text
            }}
          />
          <button type="submit" class="button small">
            {sayLab('setup.addNumber')}
          </button>
        </form>
      </div>
      <p class="note quiet">{sayLab('setup.numbersHint', { functions: functionNames.join(', ') })}</p>
    </div>
  )
}
