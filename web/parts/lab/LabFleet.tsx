import { isSameKernel } from '../../lab/isSameKernel.ts'
import { fleet, lab } from '../../lab.ts'
import type { FleetRow } from '../../state/kernelJobApi.ts'
import type { FleetTrouble } from '../../state/labFleet.ts'
import { labFormats } from '../../text/labFormats.ts'
import { sayLab, saySaid } from '../../text/sayLab.ts'
import { Field } from './Field.tsx'
import { ScrollBox } from './ScrollBox.tsx'

/** The kernel on one tab of every connected device class. */
export function LabFleet() {
  const running = fleet.running.value
  const rows = fleet.rows.value
  const trouble = fleet.trouble.value
  const sent = fleet.sent.value
  return (
    <section class="card" aria-labelledby="lab-fleet">
      <div class="card-head">
        <h2 id="lab-fleet">{sayLab('fleet.title')}</h2>
        {(running || fleet.possible.value) && (
          <button
            type="button"
            class="button small"
            onClick={() => (running ? fleet.stop() : void fleet.run())}
          >
            {sayLab(running ? 'fleet.stop' : 'fleet.run')}
          </button>
        )}
      </div>
      {fleet.wantsKey.value && (
        // Browsers want a form around a password.
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void fleet.run()
          }}
        >
          <Field secret label={sayLab('fleet.apiKey')} value={fleet.apiKey.value} onInput={fleet.setApiKey} />
        </form>
      )}
      <div role="status" class="lab-status">
        {running && <p class="quiet note">{sayLab('fleet.waiting')}</p>}
        {trouble !== null && <p class="warning">{troubleText(trouble)}</p>}
        {!fleet.possible.value && (
          <p class="note">{sayLab('fleet.passes', { n: lab.session.value.passes.length })}</p>
        )}
        {!running && trouble === null && rows === null && fleet.possible.value && (
          <p class="quiet note">{sayLab('fleet.none')}</p>
        )}
        {rows !== null && <Matrix rows={rows} />}
      </div>
      {rows !== null && sent !== null && !isSameKernel(sent, lab.session.value) && (
        <p class="quiet note">{sayLab('fleet.older')}</p>
      )}
    </section>
  )
}

function troubleText(trouble: FleetTrouble): string {
  switch (trouble.kind) {
    case 'words':
      return sayLab('fleet.failed', { reason: saySaid(trouble.words) })
    case 'nobody':
      return sayLab('fleet.nobody')
    case 'stopped':
      return sayLab('fleet.stopped')
    default:
      return trouble satisfies never
  }
}

function Matrix({ rows }: { rows: readonly FleetRow[] }) {
  if (rows.length === 0) return <p class="warning">{sayLab('fleet.empty')}</p>
  const time = (ms: number | null): string => (ms === null ? sayLab('fleet.noFigure') : labFormats.time(ms))
  return (
    <>
      <ScrollBox label={sayLab('fleet.table')}>
        <table class="lab-table">
          <thead>
            <tr>
              <th scope="col">{sayLab('fleet.deviceClass')}</th>
              <th scope="col">{sayLab('fleet.verdict')}</th>
              <th scope="col">{sayLab('speed.median')}</th>
              <th scope="col">{sayLab('speed.mad')}</th>
              <th scope="col">{sayLab('fleet.timing')}</th>
              <th scope="col">{sayLab('result.maxUlp')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ deviceClass, verdict, medianMs, madMs, timing, maxUlp }) => (
              <tr key={deviceClass}>
                <th scope="row" class="lab-words">
                  <code>{deviceClass}</code>
                </th>
                <td>{sayLab('fleet.verdictName', { verdict })}</td>
                <td>{time(medianMs)}</td>
                <td>{time(madMs)}</td>
                <td>{timing === null ? sayLab('fleet.noFigure') : sayLab('fleet.timingName', { timing })}</td>
                <td>{maxUlp === null ? sayLab('fleet.noFigure') : labFormats.number(maxUlp)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <Notes rows={rows} />
    </>
  )
}

/** What is wrong on a device class, in words. */
function Notes({ rows }: { rows: readonly FleetRow[] }) {
  const notes = rows.flatMap(({ deviceClass, mismatch, message }) => {
    if (message !== null) return [{ deviceClass, words: message }]
    if (mismatch === null) return []
    const { output, index, value, reference } = mismatch
    return [
      {
        deviceClass,
        words: sayLab('result.first', {
          output,
          at: String(index),
          got: String(value),
          expected: String(reference),
        }),
      },
    ]
  })
  return (
    <>
      {rows.every(({ verdict }) => verdict === 'unverified') && (
        <p class="quiet note">{sayLab('fleet.alone')}</p>
      )}
      {notes.length > 0 && (
        <ul class="note lab-classes">
          {notes.map(({ deviceClass, words }) => (
            <li key={deviceClass}>
              <code>{deviceClass}</code> {words}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
