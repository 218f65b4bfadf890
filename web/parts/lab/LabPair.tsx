import { isSameKernel } from '../../lab/isSameKernel.ts'
import { lab, measure } from '../../lab.ts'
import type { Pair } from '../../state/labMeasure.ts'
import { labFormats } from '../../text/labFormats.ts'
import { sayLab } from '../../text/sayLab.ts'

/** Two versions in alternating blocks. */
export function LabPair() {
  const kept = measure.kept.value
  const pair = measure.pair.value
  return (
    <div class="lab-group">
      <h3>{sayLab('pair.title')}</h3>
      <div class="buttons">
        <button type="button" class="button small" onClick={measure.keep}>
          {sayLab('pair.keep')}
        </button>
        {kept !== null && (
          <button type="button" class="button small" onClick={() => lab.open(kept, { held: false })}>
            {sayLab('pair.open')}
          </button>
        )}
        {kept !== null && (
          <button
            type="button"
            class="button small"
            disabled={measure.busy.value !== null}
            onClick={() => void measure.compare()}
          >
            {sayLab(measure.busy.value === 'pair' ? 'speed.measuring' : 'pair.compare')}
          </button>
        )}
      </div>
      {kept !== null && <p class="quiet note">{sayLab('pair.kept', { name: kept.name })}</p>}
      <div role="status" class="lab-status">
        {pair !== null && <Outcome pair={pair} />}
      </div>
      {pair !== null && !isSameKernel(pair.b.session, lab.session.value) && (
        <p class="quiet note">{sayLab('speed.older')}</p>
      )}
    </div>
  )
}

function Outcome({ pair: { a, b } }: { pair: Pair }) {
  const [slow, fast] = [a.timing.medianMs, b.timing.medianMs].sort((one, other) => other - one)
  // Closer than what single measurements scatter: nobody can say which is faster.
  const close = slow! - fast! <= a.timing.madMs + b.timing.madMs
  const side = close ? 'neither' : b.timing.medianMs < a.timing.medianMs ? 'b' : 'a'
  return (
    <>
      <p class="lab-verdict">{sayLab('pair.faster', { side, ratio: labFormats.number(slow! / fast!) })}</p>
      <table class="lab-table">
        <thead>
          <tr>
            <th scope="col">{sayLab('pair.version')}</th>
            <th scope="col">{sayLab('speed.median')}</th>
            <th scope="col">{sayLab('speed.mad')}</th>
            <th scope="col">{sayLab('pair.n')}</th>
          </tr>
        </thead>
        <tbody>
          {[a, b].map(({ timing }, at) => (
            <tr key={at}>
              <th scope="row">{sayLab(at === 0 ? 'pair.a' : 'pair.now')}</th>
              <td>{labFormats.time(timing.medianMs)}</td>
              <td>{labFormats.time(timing.madMs)}</td>
              <td>{timing.n}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet note">
        {sayLab('pair.how', { n: a.timing.n, seed: String(b.session.seed) })}{' '}
        {sayLab('speed.method', { method: a.timing.method, runs: a.timing.runsEach })}
      </p>
    </>
  )
}
