import { signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { TemplateName } from '../../lab/numbers/labNumbersApi.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'

/** How long the library may take to load, ms. */
const LOAD_MS = 30_000

/** Every kernel of the library; empty until the worker has answered. */
export const libraryTemplates = signal<readonly TemplateName[]>([])

/** Every kernel of the library, to open in the lab. */
export function TemplateChoice() {
  useEffect(() => {
    lab.numbers
      .ask((api) => api.templates(), LOAD_MS)
      .then((found) => {
        libraryTemplates.value = found
      }, lab.note)
  }, [])
  const chosen = useSignal('')
  const opened = lab.opened.value
  // Another kernel came in by a link, a file or the way back: the list must not name the last one.
  useEffect(() => {
    if (chosen.peek().replace('/', ' ') !== lab.session.peek().name) chosen.value = ''
  }, [opened])
  const open = async (): Promise<void> => {
    const [kernel, variant] = chosen.value.split('/') as [string, string]
    try {
      lab.open(await lab.numbers.ask((api) => api.template(kernel, variant), LOAD_MS))
    } catch (error) {
      lab.note(error)
    }
  }
  return (
    // A form: arrow keys walk through the list, Enter or the button opens.
    <form
      class="lab-template"
      onSubmit={(event) => {
        event.preventDefault()
        void open()
      }}
    >
      <label>
        <span class="heard">{sayLab('lab.template')}</span>
        <select
          value={chosen.value}
          onChange={(event) => {
            chosen.value = event.currentTarget.value
          }}
        >
          <option value="">{sayLab('lab.templateNone')}</option>
          {libraryTemplates.value.map(({ kernel, variants }) => (
            <optgroup key={kernel} label={kernel}>
              {variants.map((variant) => (
                <option key={variant} value={`${kernel}/${variant}`}>
                  {`${kernel} · ${variant}`}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <button type="submit" class="button small" disabled={chosen.value === ''}>
        {sayLab('lab.open')}
      </button>
    </form>
  )
}
