import { useEffect, useRef, useState } from 'preact/hooks'
import type { ThroughputSample } from '../../worker/link/tabApi.ts'
import { theme } from '../site.ts'
import { chartColumns, hasRun, minutesOf, summaryOf } from '../state/throughputView.ts'
import { formats, say } from '../text/say.ts'
import type { ThroughputChart } from './throughputChart.ts'

/**
 * GFLOP/s as a line and tasks as bars over the last 15 minutes, with the same figures as a table. Where nothing has run in
 * that time `idle` stands in the chart's place.
 */
export function Throughput(props: { samples: readonly ThroughputSample[]; nowMs: number; idle: string }) {
  const { samples, nowMs, idle } = props
  const summary = summaryOf(samples, nowMs)
  return (
    <div class="throughput">
      {hasRun(samples, nowMs) ? (
        <Chart samples={samples} nowMs={nowMs} label={summaryText(summary)} />
      ) : (
        <p class="chart-box empty quiet">{idle}</p>
      )}
      <details class="table-behind">
        <summary>{say('chart.table')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('chart.minute')}</th>
              <th scope="col">{say('chart.gflops')}</th>
              <th scope="col">{say('chart.tasks')}</th>
            </tr>
          </thead>
          <tbody>
            {minutesOf(samples, nowMs).map(({ at, gflops, tasks }) => (
              <tr key={at}>
                <td>{formats.minute(at)}</td>
                <td>{formats.gflops(gflops)}</td>
                <td>{formats.number(tasks)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  )
}

const summaryText = ({ now, top, tasks }: ReturnType<typeof summaryOf>): string =>
  say('chart.summary', { now: formats.gflops(now), top: formats.gflops(top), n: tasks })

function Chart(props: { samples: readonly ThroughputSample[]; nowMs: number; label: string }) {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<ThroughputChart | null>(null)
  const [failed, setFailed] = useState(false)
  const [ready, setReady] = useState(false)
  const dark = theme.dark.value
  useEffect(() => {
    let gone = false
    import('./throughputChart.ts').then(
      ({ createThroughputChart }) => {
        if (gone || host.current === null) return
        chart.current = createThroughputChart(host.current, {
          gflops: say('chart.gflops'),
          tasks: say('chart.tasks'),
          number: formats.number,
          axis: formats.axis,
          minute: formats.minute,
        })
        setReady(true)
      },
      () => setFailed(true),
    )
    return () => {
      gone = true
      chart.current?.destroy()
      chart.current = null
    }
  }, [])
  // dark: the canvas does not see custom properties change.
  useEffect(() => {
    chart.current?.draw(chartColumns(props.samples, props.nowMs), props.nowMs)
  }, [props.samples, Math.floor(props.nowMs / 5000), dark, ready])
  if (failed) return <p class="chart-box empty warning">{say('chart.failed')}</p>
  return <div ref={host} class="chart-box" role="img" aria-label={props.label} />
}
