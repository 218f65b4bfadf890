import { evaluateExpression } from '../../lab/expression.ts'
import { uniformField } from '../../lab/planSession.ts'
import type { LabPass } from '../../lab/session.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { Choice, Field } from './Field.tsx'

const axes = ['x', 'y', 'z'] as const

/** One pass: entry point, workgroups, overrides, uniforms. */
export function PassFields({ at }: { at: number }) {
  const { passes, numbers } = lab.session.value
  const pass = passes[at]!
  const program = lab.reflected.value[pass.program]
  const change = (part: Partial<LabPass>): void => {
    lab.change({ passes: passes.map((each, index) => (index === at ? { ...each, ...part } : each)) })
  }
  const entries = program?.entryPoints ?? []
  const entry = entries.find(({ name }) => name === pass.entryPoint)
  const uniforms = (program?.bindings ?? []).filter(({ space }) => space === 'uniform')
  return (
    <>
      <div class="lab-fields">
        {entries.length > 1 && (
          <Choice
            label={sayLab('setup.entry')}
            value={pass.entryPoint}
            values={entries.map(({ name }) => name)}
            onChange={(entryPoint) => change({ entryPoint })}
          />
        )}
        {axes.map((axis, index) => (
          <Field
            key={axis}
            label={sayLab('setup.dispatch', { axis })}
            field={`pass.${at}.dispatch.${axis}`}
            value={pass.dispatch[index]!}
            onInput={(text) => {
              const dispatch = pass.dispatch.map((each, other) => (other === index ? text : each))
              change({ dispatch: dispatch as unknown as LabPass['dispatch'] })
            }}
          />
        ))}
      </div>
      <p class="note quiet">
        {[
          groupsOf(pass, numbers),
          entry && entry.workgroupSize !== ''
            ? sayLab('setup.workgroupSize', { size: entry.workgroupSize })
            : '',
        ]
          .filter((text) => text !== '')
          .join(' · ')}
      </p>
      <div class="lab-fields">
        {(program?.overrides ?? []).map(({ name, initial }) => (
          <Field
            key={name}
            label={sayLab('setup.override', { name })}
            field={`pass.${at}.override.${name}`}
            value={pass.overrides[name] ?? ''}
            {...(initial !== null && { placeholder: sayLab('setup.overrideInitial', { value: initial }) })}
            onInput={(text) => change({ overrides: { ...pass.overrides, [name]: text } })}
          />
        ))}
        {uniforms.flatMap((uniform) =>
          uniform.leaves.map(({ path, type }) => {
            const key = path || 'value'
            const values = pass.uniforms[uniform.name] ?? {}
            return (
              <Field
                key={`${uniform.name}.${key}`}
                label={sayLab('setup.uniform', {
                  name: path === '' ? uniform.name : `${uniform.name}.${path}`,
                  type,
                })}
                field={uniformField(at, uniform.name, path)}
                value={values[key] ?? '0'}
                onInput={(text) =>
                  change({ uniforms: { ...pass.uniforms, [uniform.name]: { ...values, [key]: text } } })
                }
              />
            )
          }),
        )}
      </div>
      {program && <Unused pass={pass} known={program.overrides.map(({ name }) => name)} />}
    </>
  )
}

/** Values that the program takes no note of: an override was renamed, or a job file is of another program. */
function Unused({ pass, known }: { pass: LabPass; known: readonly string[] }) {
  const names = Object.keys(pass.overrides).filter(
    (name) => !known.includes(name) && pass.overrides[name]!.trim() !== '',
  )
  if (names.length === 0) return null
  return <p class="note warning">{sayLab('setup.unusedOverrides', { names: names.join(', ') })}</p>
}

/** What the dispatch comes to, while every expression has a value. */
function groupsOf({ dispatch, constants }: LabPass, numbers: Readonly<Record<string, number>>): string {
  try {
    const scope: Record<string, number> = { ...numbers }
    for (const [name, text] of Object.entries(constants)) scope[name] = evaluateExpression(text, numbers)
    const groups = dispatch.map((text) => evaluateExpression(text, scope)).join(' × ')
    return sayLab('setup.groups', { groups })
  } catch {
    return ''
  }
}
