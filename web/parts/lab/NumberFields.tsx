import { useSignal } from '@preact/signals'
import { functionNames } from '../../lab/expression.ts'
import { type LabWords, wordsOf } from '../../lab/labWords.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { Field } from './Field.tsx'
import { NumberField } from './NumberField.tsx'

/** Seeds are u32. */
const MOST_SEED = 0xffffffff

/** Why a number cannot be called so; null where it can. */
function refusalOf(name: string, numbers: Readonly<Record<string, number>>): LabWords | null {
  if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return wordsOf('field.badName')
  if (Object.hasOwn(numbers, name)) return wordsOf('field.knownName', { name })
  return functionNames.includes(name) ? wordsOf('field.functionName', { name }) : null
}

/** The numbers that expressions name, and the seed. */
export function NumberFields() {
  const { numbers, seed } = lab.session.value
  const fresh = useSignal('')
  const refused = useSignal<LabWords | null>(null)
  const add = (): void => {
    const name = fresh.value.trim()
    refused.value = refusalOf(name, numbers)
    if (refused.value !== null) return
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
            <NumberField
              label={name}
              value={value}
              onNumber={(number) => {
                if (number !== null) lab.change({ numbers: { ...lab.session.value.numbers, [name]: number } })
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
        <NumberField
          label={sayLab('setup.seed')}
          value={seed}
          refuse={(number) =>
            Number.isInteger(number) && number >= 0 && number <= MOST_SEED
              ? null
              : wordsOf('field.outside', { least: 0, most: String(MOST_SEED), value: String(seed) })
          }
          onNumber={(number) => {
            if (number !== null) lab.change({ seed: number })
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
            fault={refused.value}
            onInput={(text) => {
              fresh.value = text
              refused.value = null
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
