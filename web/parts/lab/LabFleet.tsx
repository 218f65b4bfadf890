import { isSameKernel } from '../../lab/isSameKernel.ts'
import type { LabSession } from '../../lab/session.ts'
import { fleet, lab } from '../../lab.ts'
import { isWrong } from '../../state/isWrong.ts'
import type { FleetRow } from '../../state/kernelJobApi.ts'
import type { FleetTrouble } from '../../state/labFleet.ts'
import { labFormats } from '../../text/labFormats.ts'
import { say } from '../../text/say.ts'
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
      {!lab.stale.value && isWrong(lab.result.value) && (
        <p class="warning note">{sayLab('fleet.wrongHere')}</p>
      )}
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
        {trouble !== null && (
          <p class="warning">
            {troubleText(trouble)}
            {trouble.kind === 'refused' && <span lang="en"> {trouble.words}</span>}
          </p>
        )}
        {!fleet.possible.value && (
          <p class="note">{sayLab('fleet.passes', { n: lab.session.value.passes.length })}</p>
        )}
        {!running && trouble === null && rows === null && fleet.possible.value && (
          <p class="quiet note">{sayLab('fleet.none')}</p>
        )}
        {rows !== null && sent !== null && <Matrix rows={rows} sent={sent} />}
      </div>
      {rows !== null && sent !== null && !isSameJob(sent, lab.session.value) && (
        <p class="quiet note">{sayLab('fleet.older')}</p>
      )}
    </section>
  )
}

/** Whether two states of a session are judged alike on the fleet, too. */
const isSameJob = (one: LabSession, other: LabSession): boolean =>
  isSameKernel(one, other) && one.check === other.check && one.toleranceUlp === other.toleranceUlp

function troubleText(trouble: FleetTrouble): string {
  switch (trouble.kind) {
    case 'words':
      return sayLab('fleet.failed', { reason: saySaid(trouble.words) })
    case 'refused':
      return say('relay.kernelRefused')
    case 'nobody':
      return sayLab('fleet.nobody')
    case 'stopped':
      return sayLab('fleet.stopped')
    default:
      return trouble satisfies never
  }
}

function Matrix({ rows, sent }: { rows: readonly FleetRow[]; sent: LabSession }) {
  const compared = fleet.compared.value
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
                <td class="lab-phrase">
                  {sayLab(compared ? 'fleet.verdictName' : 'fleet.verdictAmong', { verdict })}
                </td>
                <td>{time(medianMs)}</td>
                <td>{time(madMs)}</td>
                <td class="lab-phrase">
                  {timing === null ? sayLab('fleet.noFigure') : sayLab('fleet.timingName', { timing })}
                </td>
                <td>{maxUlp === null ? sayLab('fleet.noFigure') : labFormats.number(maxUlp)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <ComparedWith verdicts={rows.map(({ verdict }) => verdict)} reference={sent.check.kind} />
      <Notes rows={rows} />
    </>
  )
}

/** What the verdicts mean: without a reference tabs that agree may all be wrong. */
function ComparedWith({
  verdicts,
  reference,
}: {
  verdicts: readonly FleetRow['verdict'][]
  reference: LabSession['check']['kind']
}) {
  const isAgreed = !verdicts.includes('differs')
  if (isAgreed && !verdicts.includes('agrees')) return null
  return (
    <p class="note">
      {fleet.compared.value
        ? sayLab('fleet.compared')
        : sayLab('fleet.notCompared', { tabs: isAgreed ? 'agree' : 'differ', reference })}
    </p>
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
        words: sayLab(fleet.compared.value ? 'result.first' : 'fleet.unlike', {
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
