import { now, tab } from '../site.ts'
import { formats, say } from '../text/say.ts'
import { type Figure, Figures } from './Figures.tsx'
import { Throughput } from './Throughput.tsx'

/** Credits and the chart. */
export function Earnings() {
  const { credits, session, throughput } = tab.snapshot.value
  const none = say('value.none')
  const figure = (label: string, microCredits: string | undefined, why: string): Figure =>
    microCredits === undefined
      ? { label, value: none, why }
      : {
          label,
          value: formats.credits(microCredits),
          exact: say('value.exact', { amount: formats.exactCredits(microCredits) }),
          why,
        }
  const escrow = credits?.escrow ?? '0'
  const figures = [
    figure(say('earnings.pending'), credits?.pending, say('earnings.pendingWhy')),
    ...(escrow === '0' ? [] : [figure(say('earnings.escrow'), escrow, say('earnings.escrowWhy'))]),
    figure(say('earnings.settled'), credits?.settled, say('earnings.settledWhy')),
    figure(say('earnings.today'), tab.today.value, say('earnings.todayWhy')),
  ]
  return (
    <section class="card" aria-labelledby="earnings-title">
      <h2 id="earnings-title">{say('earnings.title')}</h2>
      <Figures figures={figures} />
      <p class="quiet note">{say('earnings.unit')}</p>
      {(tab.running.value || throughput.length > 0) && (
        <>
          <h3>{say('chart.title')}</h3>
          <Throughput
            samples={throughput}
            nowMs={now.value}
            idle={say(session.completed + session.rejected === 0 ? 'chart.empty' : 'chart.quiet')}
          />
        </>
      )}
    </section>
  )
}
