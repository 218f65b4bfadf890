import { numbersOf } from '../../lab/numbers/elementArrays.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'

const SHOWN = 64

/** The first elements of every output. */
export function OutputValues({ outputs }: { outputs: ReadonlyMap<string, Uint8Array<ArrayBuffer>> }) {
  const { buffers } = lab.session.value
  return (
    <>
      {[...outputs].map(([name, bytes]) => {
        const buffer = buffers.find((each) => each.name === name)
        if (!buffer) return null

        const values = numbersOf(buffer.datatype, bytes.slice(0, SHOWN * 8))
        return (
          <details key={name} class="lab-values">
            <summary>{sayLab('result.values', { output: name })}</summary>
            <p class="mono">{Array.from(values).slice(0, SHOWN).map(shown).join('  ')}</p>
          </details>
        )
      })}
    </>
  )
}

const shown = (value: number | bigint): string =>
  typeof value === 'bigint' || Number.isInteger(value) ? String(value) : value.toPrecision(7)
