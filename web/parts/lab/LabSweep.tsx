import { atPoint } from '../../lab/atPoint.ts'
import { isSameKernel } from '../../lab/isSameKernel.ts'
import { type LabWords, wordsOf } from '../../lab/labWords.ts'
import { gridOf, MOST_POINTS, sweepCsv, wrongValue } from '../../lab/sweepGrid.ts'
import { lab, measure } from '../../lab.ts'
import type { Sweep, SweepRow } from '../../state/labMeasure.ts'
import { labFormats } from '../../text/labFormats.ts'
import { sayLab, saySaid } from '../../text/sayLab.ts'
import { saveFile } from '../saveFile.ts'
import { Field } from './Field.tsx'
import { ScrollBox } from './ScrollBox.tsx'

/** A grid over overrides and numbers. */
export function LabSweep() {
  const { sweep: texts, numbers, passes, name } = lab.session.value
  const sweep = measure.sweep.value
  const busy = measure.busy.value
  // An override that the program works out of others does not vary by itself.
  const overrides = passes.flatMap((pass) =>
    (lab.reflected.value[pass.program]?.overrides ?? [])
      .map((override) => override.name)
      .filter((each) => (pass.overrides[each] ?? '').trim() !== ''),
  )
  const names = [...new Set([...Object.keys(texts), ...overrides, ...Object.keys(numbers)])]
  const known = new Set([...overrides, ...Object.keys(numbers)])
  const faults = new Map(names.map((each) => [each, axisFault(each, texts[each] ?? '', known)]))
  const faulty = [...faults.values()].some((fault) => fault !== null)
  const { points, count } = gridOf(texts)
  return (
    <section class="card" aria-labelledby="lab-sweep">
      <h2 id="lab-sweep">{sayLab('sweep.title')}</h2>
      {names.length === 0 ? (
        <p class="quiet note">{sayLab('sweep.nothing')}</p>
      ) : (
        <>
          <p class="quiet note">{sayLab('sweep.hint')}</p>
          <div class="lab-fields">
            {names.map((each) => (
              <Field
                key={each}
                label={sayLab('sweep.values', { name: each })}
                value={texts[each] ?? ''}
                fault={faults.get(each) ?? null}
                onInput={(text) => lab.setSweep({ ...texts, [each]: text })}
              />
            ))}
          </div>
          {count > MOST_POINTS && (
            <p class="warning note">{sayLab('sweep.tooMany', { n: count, most: MOST_POINTS })}</p>
          )}
          <div class="buttons">
            {busy === 'sweep' ? (
              <button type="button" class="button small" onClick={measure.stop}>
                {sayLab('sweep.stop')}
              </button>
            ) : (
              <button
                type="button"
                class="button small"
                disabled={busy !== null || points.length === 0 || faulty || count > MOST_POINTS}
                onClick={() => void measure.runSweep()}
              >
                {sayLab('sweep.run', { n: count })}
              </button>
            )}
            {sweep !== null && sweep.rows.length > 0 && (
              <button
                type="button"
                class="button small"
                onClick={() => saveFile(`${name}.csv`, 'text/csv', sweepCsv(sweep.names, sweep.rows))}
              >
                {sayLab('sweep.csv')}
              </button>
            )}
          </div>
        </>
      )}
      {sweep?.done && !isSameKernel(sweep.session, lab.session.value) && (
        <p class="quiet note">{sayLab('speed.older')}</p>
      )}
      {sweep !== null && <Rows sweep={sweep} />}
    </section>
  )
}

/** Why the values of a name cannot be tried; null where they can. */
function axisFault(name: string, text: string, known: ReadonlySet<string>): LabWords | null {
  if (text.trim() === '') return null
  if (!known.has(name)) return wordsOf('sweep.unknown', { name })
  const value = wrongValue(text)
  return value === null ? null : wordsOf('sweep.noNumber', { value })
}

function Rows({ sweep }: { sweep: Sweep }) {
  const { names, rows, total, done, session } = sweep
  // Every combination has its place from the start, so that nothing moves as they come in.
  const shown: readonly SweepRow[] = done ? rows : [...rows, ...waitingRows(sweep)]
  const times = rows.flatMap(({ timing }) => (timing ? [timing.medianMs] : []))
  const troubled = rows.some(({ trouble }) => trouble !== null)
  const best = Math.min(...times)
  const fastest = rows.find(({ timing }) => timing?.medianMs === best)
  /** 1 for the fastest, towards 0 for the slow ones. */
  const strength = ({ timing }: SweepRow): number => (timing ? best / timing.medianMs : 0)
  const cell = (row: SweepRow) =>
    row.timing
      ? labFormats.time(row.timing.medianMs)
      : !rows.includes(row)
        ? ''
        : sayLab(row.right === false ? 'sweep.wrong' : 'sweep.refused')
  const words = ({ point }: SweepRow) => names.map((name) => `${name} = ${point[name]}`).join(', ')
  return (
    <>
      <p role="status">
        {!done || rows.length === 0
          ? sayLab('sweep.progress', { done: rows.length, total })
          : fastest?.timing
            ? sayLab('sweep.best', { point: words(fastest), time: labFormats.time(fastest.timing.medianMs) })
            : sayLab('sweep.noneTimed')}
      </p>
      {done && fastest?.timing && (
        <p>
          <button
            type="button"
            class="button small"
            onClick={() => lab.change(atPoint(lab.session.value, fastest.point))}
          >
            {sayLab('sweep.use')}
          </button>
        </p>
      )}
      {names.length === 2 && <Grid names={names} rows={shown} cell={cell} strength={strength} />}
      <ScrollBox label={sayLab('sweep.caption', { seed: String(session.seed) })}>
        <table class="lab-table">
          <caption class="note quiet">{sayLab('sweep.caption', { seed: String(session.seed) })}</caption>
          <thead>
            <tr>
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              <th scope="col">{sayLab('sweep.time')}</th>
              <th scope="col">{sayLab('sweep.mad')}</th>
              {troubled && <th scope="col">{sayLab('sweep.why')}</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={words(row)}>
                {names.map((name) => (
                  <td key={name}>{row.point[name]}</td>
                ))}
                <td class="lab-heat-cell" ref={shade(strength(row))}>
                  {cell(row)}
                </td>
                <td>{row.timing ? labFormats.time(row.timing.madMs) : ''}</td>
                {troubled && <td class="lab-why">{row.trouble === null ? '' : saySaid(row.trouble)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </>
  )
}

/** The combinations of a sweep that are still to come. */
const waitingRows = ({ rows, session }: Sweep): SweepRow[] =>
  gridOf(session.sweep)
    .points.slice(rows.length)
    .map((point) => ({ point, timing: null, right: null, trouble: null }))

/** Two names: one along each side. */
function Grid({
  names,
  rows,
  cell,
  strength,
}: {
  names: readonly string[]
  rows: readonly SweepRow[]
  cell: (row: SweepRow) => string
  strength: (row: SweepRow) => number
}) {
  const [down, across] = names as [string, string]
  const values = (name: string) => [...new Set(rows.map(({ point }) => point[name]!))]
  return (
    <ScrollBox label={sayLab('sweep.heat', { rows: down, columns: across })}>
      <table class="lab-table">
        <caption class="note quiet">{sayLab('sweep.heat', { rows: down, columns: across })}</caption>
        <thead>
          <tr>
            <th scope="col">{`${down} \\ ${across}`}</th>
            {values(across).map((value) => (
              <th key={value} scope="col">
                {value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values(down).map((row) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {values(across).map((column) => {
                const found = rows.find(({ point }) => point[down] === row && point[across] === column)
                return (
                  <td key={column} class="lab-heat-cell" ref={shade(found ? strength(found) : 0)}>
                    {found ? cell(found) : ''}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}

/** Colours a cell; by the object model, because the page's policy allows no style attribute in markup. */
const shade = (strength: number) => (element: HTMLElement | null) => {
  element?.style.setProperty('--strength', `${Math.round(strength * 100)}%`)
}
