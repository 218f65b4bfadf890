import { useSignal } from '@preact/signals'
import { type Datatype, datatypes } from '../../../protocol/tensor.ts'
import { bufferNameOf, type Fill, type LabBuffer } from '../../lab/session.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { Choice, Field } from './Field.tsx'
import { NumberField } from './NumberField.tsx'
import { readBase64 } from './readBase64.ts'

const roles = ['input', 'output', 'scratch'] as const
const fills = ['random', 'ramp', 'zeros', 'library', 'file'] as const
const shownDatatypes = (Object.keys(datatypes) as Datatype[]).filter((name) => name !== 'BYTES')

/** Every buffer that a program binds. */
export function BufferFields() {
  const { buffers, passes } = lab.session.value
  const bound = new Set(
    passes.flatMap((pass) =>
      (lab.reflected.value[pass.program]?.bindings ?? []).map((binding) => bufferNameOf(pass, binding)),
    ),
  )
  const shown = buffers.filter(({ name }) => bound.has(name))
  return (
    <div class="lab-group">
      <h3>{sayLab('setup.buffers')}</h3>
      {shown.length === 0 ? (
        <p class="note quiet">{sayLab('setup.noBuffers')}</p>
      ) : (
        <div class="lab-buffers">
          <div class="lab-buffer lab-buffer-head note quiet" aria-hidden="true">
            <span>{sayLab('setup.columnName')}</span>
            <span>{sayLab('setup.columnDatatype')}</span>
            <span>{sayLab('setup.columnShape')}</span>
            <span>{sayLab('setup.columnRole')}</span>
            <span>{sayLab('setup.columnFill')}</span>
          </div>
          {shown.map((buffer) => (
            <BufferRow key={buffer.name} buffer={buffer} />
          ))}
        </div>
      )}
    </div>
  )
}

function BufferRow({ buffer }: { buffer: LabBuffer }) {
  const { name, datatype, shape, role, fill } = buffer
  /** The shape as it is typed, so that no comma moves under the cursor. */
  const draft = useSignal<string | null>(null)
  const same = draft.value !== null && dimensionsOf(draft.value).join() === shape.join()
  const typed = same ? (draft.value ?? '') : shape.join(', ')
  const change = (part: Partial<LabBuffer>): void => {
    const { buffers } = lab.session.value
    lab.change({ buffers: buffers.map((each) => (each.name === name ? { ...each, ...part } : each)) })
  }
  const { check } = lab.session.value
  const kinds = fills.filter(
    (kind) => kind !== 'library' || fill.kind === 'library' || check.kind === 'library',
  )
  return (
    <div class="lab-buffer">
      <code>{name}</code>
      <Choice
        bare
        label={sayLab('setup.datatype', { name })}
        value={datatype}
        values={shownDatatypes}
        onChange={(value) => change({ datatype: value })}
      />
      <Field
        bare
        label={sayLab('setup.shape', { name })}
        field={`buffer.${name}.shape`}
        value={typed}
        onInput={(text) => {
          draft.value = text
          change({ shape: dimensionsOf(text) })
        }}
      />
      <Choice
        bare
        label={sayLab('setup.role', { name })}
        value={role}
        values={roles}
        name={(value) => sayLab('setup.roleName', { role: value })}
        onChange={(value) => change({ role: value })}
      />
      <Choice
        bare
        label={sayLab('setup.fill', { name })}
        value={fill.kind}
        values={kinds}
        name={(value) => sayLab('setup.fillName', { kind: value })}
        field={`buffer.${name}.fill`}
        onChange={(kind) => change({ fill: freshFill(kind, fill) })}
      />
      <FillFields name={name} fill={fill} onChange={(next) => change({ fill: next })} />
    </div>
  )
}

function freshFill(kind: Fill['kind'], before: Fill): Fill {
  if (kind === before.kind) return before
  switch (kind) {
    case 'file':
      return { kind, name: '', base64: '' }
    case 'library': {
      const { check } = lab.session.value
      return { kind, kernel: check.kind === 'library' ? check.kernel : '' }
    }
    default:
      return { kind }
  }
}

function FillFields({ name, fill, onChange }: { name: string; fill: Fill; onChange: (fill: Fill) => void }) {
  if (fill.kind === 'random') {
    const bound = (key: 'low' | 'high') => (
      <NumberField
        label={sayLab(`setup.${key}`, { name })}
        value={fill[key] ?? null}
        placeholder={sayLab('setup.whole')}
        onNumber={(number) => {
          const { [key]: _, ...rest } = fill
          onChange(number === null ? rest : { ...rest, [key]: number })
        }}
      />
    )
    return (
      <span class="lab-fill">
        {bound('low')} {bound('high')}
      </span>
    )
  }
  if (fill.kind !== 'file') return null
  return (
    <label class="lab-fill note">
      <span class="heard">{sayLab('setup.file', { name })}</span>
      <input
        type="file"
        onChange={async (event) => {
          const file = event.currentTarget.files?.[0]
          if (file) onChange({ kind: 'file', name: file.name, base64: await readBase64(file) })
        }}
      />
      {fill.base64 !== '' && sayLab('setup.fileName', { name: fill.name })}
    </label>
  )
}

/** Dimensions between commas; a comma inside parentheses belongs to a function. */
export function dimensionsOf(text: string): string[] {
  const dimensions: string[] = ['']
  let depth = 0
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) dimensions.push('')
    else dimensions[dimensions.length - 1] += character
  }
  return dimensions.length === 1 && dimensions[0]!.trim() === '' ? [] : dimensions.map((each) => each.trim())
}
