import { useId } from 'preact/hooks'
import { evaluateExpression } from '../../lab/expression.ts'
import { LabError, type LabWords, wordsOf } from '../../lab/labWords.ts'
import { isWide } from '../../lab/numbers/wholeRange.ts'
import type { LabCheck, LabSession } from '../../lab/session.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { Choice, Field } from './Field.tsx'
import { NumberField } from './NumberField.tsx'
import { readBase64 } from './readBase64.ts'
import { libraryTemplates } from './TemplateChoice.tsx'

const kinds = ['expression', 'library', 'file', 'none'] as const

/** What is right, how far off a float may be, and what a run costs. */
export function CheckFields() {
  const { check, toleranceUlp, operations, buffers } = lab.session.value
  const output = buffers.find(({ role }) => role === 'output')?.name ?? ''
  const id = useId()
  const change = (next: LabCheck): void => lab.change({ check: next })
  return (
    <div class="lab-group">
      <h3>{sayLab('setup.reference')}</h3>
      <div class="lab-fields">
        <Choice
          wide
          label={sayLab('setup.check')}
          value={check.kind}
          values={kinds}
          name={(kind) => sayLab('setup.checkName', { kind })}
          onChange={(kind) => change(freshCheck(kind))}
        />
        {check.kind === 'library' && (
          <Choice
            wide
            label={sayLab('setup.checkKernel')}
            value={check.kernel}
            values={[...new Set([check.kernel, ...libraryTemplates.value.map(({ kernel }) => kernel)])]}
            onChange={(kernel) => change({ kind: 'library', kernel })}
          />
        )}
        {check.kind === 'file' && (
          <label class="lab-field note">
            {sayLab('setup.checkFile')}
            <input
              type="file"
              accept=".npy"
              onChange={async (event) => {
                const file = event.currentTarget.files?.[0]
                if (file) change({ kind: 'file', name: file.name, base64: await readBase64(file) })
              }}
            />
            {check.base64 !== '' && sayLab('setup.fileName', { name: check.name })}
          </label>
        )}
        {check.kind !== 'library' && check.kind !== 'none' && (
          <NumberField
            label={sayLab('setup.tolerance')}
            value={toleranceUlp}
            refuse={(number) =>
              number >= 0 ? null : wordsOf('field.negative', { value: String(toleranceUlp) })
            }
            onNumber={(number) => {
              if (number !== null) lab.change({ toleranceUlp: number })
            }}
          />
        )}
        <Field
          label={sayLab('setup.operations')}
          value={operations}
          fault={operationsFault(lab.session.value)}
          onInput={(text) => lab.change({ operations: text })}
        />
      </div>
      {check.kind === 'expression' && (
        <div class="lab-field">
          <label class="note quiet" for={id}>
            {sayLab('setup.checkExpression', { output })}
          </label>
          <textarea
            id={id}
            class="text-input mono"
            rows={Math.min(8, check.text.split('\n').length + 1)}
            spellcheck={false}
            value={check.text}
            onInput={(event) => change({ kind: 'expression', text: event.currentTarget.value })}
          />
          <p class="note quiet">
            {sayLab('setup.checkHint')}
            {buffers.some(({ datatype }) => isWide(datatype)) && ` ${sayLab('setup.checkHintWide')}`}
          </p>
        </div>
      )}
    </div>
  )
}

/** Why there will be no GFLOP/s; null where there will, or where nobody said. */
function operationsFault({ operations, numbers }: LabSession): LabWords | null {
  if (operations.trim() === '') return null
  try {
    return evaluateExpression(operations, numbers) < 0 ? wordsOf('expression.negative') : null
  } catch (error) {
    return error instanceof LabError ? error.words : null
  }
}

function freshCheck(kind: LabCheck['kind']): LabCheck {
  switch (kind) {
    case 'library':
      return { kind, kernel: libraryTemplates.value[0]?.kernel ?? '' }
    case 'expression':
      return { kind, text: '0' }
    case 'file':
      return { kind, name: '', base64: '' }
    default:
      return { kind }
  }
}
