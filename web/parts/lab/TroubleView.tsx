import { causeOf } from '../../lab/causeOf.ts'
import type { RunTrouble } from '../../lab/gpu/labGpuApi.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { editorPlace } from './editorPlace.ts'

/** What was refused past the compiler, and the line that is to blame. */
export function TroubleView({ trouble }: { trouble: RunTrouble }) {
  const { passes } = lab.session.value
  const cause = causeOf(trouble, lab.session.value, lab.reflected.value)
  return (
    <div class="warning">
      <p class="lab-verdict">
        {sayLab('trouble.step', { step: trouble.step })}{' '}
        {trouble.buffer !== null && sayLab('trouble.buffer', { name: trouble.buffer })}{' '}
        {trouble.pass !== null && passes.length > 1 && sayLab('trouble.pass', { n: trouble.pass + 1 })}
      </p>
      <p class="note">{trouble.text}</p>
      {cause !== null && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            editorPlace.value = { program: cause.program, line: cause.line, column: 1 }
          }}
        >
          {sayLab('trouble.line', { line: cause.line })}
        </button>
      )}
    </div>
  )
}
