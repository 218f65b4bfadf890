import { useEffect, useRef, useState } from 'preact/hooks'
import type { Roofline } from '../../lab/gpu/labGpuApi.ts'
import { theme } from '../../site.ts'
import type { Measured } from '../../state/labMeasure.ts'
import { labFormats } from '../../text/labFormats.ts'
import { sayLab } from '../../text/sayLab.ts'
import type { RooflineChart } from './rooflineChart.ts'

/** The kernel under the roof of this device, with the same figures as a table. */
export function RooflineView({ measured, roof }: { measured: Measured; roof: Roofline }) {
  const { operations, bytes, timing } = measured
  if (operations === null || operations === 0 || bytes === 0) return null
  const intensity = operations / bytes
  const gflops = operations / (timing.medianMs * 1e6)
  const { number } = labFormats
  const rows: [string, string][] = [
    [sayLab('roof.peak'), `${number(roof.gflops)} GFLOP/s`],
    [sayLab('roof.copy'), `${number(roof.gigabytesPerSecond)} GB/s`],
    [sayLab('roof.x'), number(intensity)],
    [sayLab('roof.kernel'), `${number(gflops)} GFLOP/s`],
    [sayLab('roof.allowed'), `${number(Math.min(roof.gflops, intensity * roof.gigabytesPerSecond))} GFLOP/s`],
  ]
  return (
    <figure class="lab-heat">
      <figcaption class="note quiet">{sayLab('roof.title')}</figcaption>
      <Chart
        roof={roof}
        intensity={intensity}
        gflops={gflops}
        label={sayLab('roof.label', {
          gflops: number(roof.gflops),
          bandwidth: number(roof.gigabytesPerSecond),
          intensity: number(intensity),
          reached: number(gflops),
        })}
      />
      <details class="table-behind">
        <summary>{sayLab('roof.table')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{sayLab('roof.what')}</th>
              <th scope="col">{sayLab('roof.value')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([what, value]) => (
              <tr key={what}>
                <td>{what}</td>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

function Chart(props: { roof: Roofline; intensity: number; gflops: number; label: string }) {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<RooflineChart | null>(null)
  const [ready, setReady] = useState(false)
  const dark = theme.dark.value
  useEffect(() => {
    let gone = false
    import('./rooflineChart.ts').then(({ createRooflineChart }) => {
      if (gone || host.current === null) return
      chart.current = createRooflineChart(host.current, {
        x: sayLab('roof.x'),
        y: sayLab('speed.gflops'),
        number: labFormats.number,
      })
      setReady(true)
    })
    return () => {
      gone = true
      chart.current?.destroy()
      chart.current = null
    }
  }, [])
  // dark: the canvas does not see custom properties change.
  useEffect(() => {
    chart.current?.draw(props.roof, [{ intensity: props.intensity, gflops: props.gflops }])
  }, [props.roof, props.intensity, props.gflops, dark, ready])
  return <div ref={host} class="lab-chart" role="img" aria-label={props.label} />
}
