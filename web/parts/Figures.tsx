import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { say } from '../text/say.ts'

export interface Figure {
  label: string
  value: string
  /** The exact value, for the tooltip. */
  exact?: string
  /** What the figure means; it opens under the row. */
  why?: string
}

/** A row of figures that move: label under value. The one whose label is pressed explains itself below the row. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  const open = useSignal<string | null>(null)
  const id = useId()
  const opened = figures.find(({ label }) => label === open.value)
  return (
    <div class="figures-block">
      <dl class="figures">
        {figures.map(({ label, value, exact, why }) => (
          <div key={label}>
            <dt>
              {why === undefined ? (
                label
              ) : (
                <button
                  type="button"
                  class="explain"
                  aria-expanded={open.value === label}
                  aria-controls={id}
                  aria-label={say('earnings.explain', { figure: label })}
                  onClick={() => {
                    open.value = open.value === label ? null : label
                  }}
                >
                  {label}
                </button>
              )}
            </dt>
            <dd class="figure" title={exact}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <p id={id} class="note" role="status" hidden={opened === undefined}>
        {opened?.why}
      </p>
    </div>
  )
}
