import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Roofline } from '../../lab/gpu/labGpuApi.ts'

export interface RooflineChart {
  /** Draws the roof and the points: `intensity` operations a byte, `gflops` 10^9 operations a second. */
  draw(roof: Roofline, points: readonly { intensity: number; gflops: number }[]): void
  destroy(): void
}

/** Draws into `host`, as wide as it is; both axes are logarithmic. A chunk of its own. */
export function createRooflineChart(
  host: HTMLElement,
  words: { x: string; y: string; number(value: number): string },
): RooflineChart {
  const colour = (name: string) => () => getComputedStyle(host).getPropertyValue(name).trim()
  const size = () => ({ width: host.clientWidth, height: host.clientHeight })
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
    labelSize: 18,
  }
  const decades = (_: UPlot, values: number[]) =>
    values.map((value) => (Number.isInteger(Math.log10(value)) ? words.number(value) : ''))
  const chart = new UPlot(
    {
      ...size(),
      padding: [12, 28, 0, 4],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, distr: 3 },
        // Whole decades: a point at the edge would be cut in half.
        y: { distr: 3, range: (_, low, high) => UPlot.rangeLog(low ?? 1, high ?? 10, 10, true) },
      },
      axes: [
        { ...axis, label: words.x, size: 26, values: decades },
        { ...axis, label: words.y, size: 56, values: decades },
      ],
      series: [
        {},
        { stroke: colour('--quiet'), width: 2, points: { show: false }, spanGaps: true },
        {
          stroke: colour('--accent'),
          width: 0,
          paths: () => null,
          points: { show: true, size: 11, fill: colour('--accent') },
        },
      ],
    },
    [[], [], []],
    host,
  )
  const observer = new ResizeObserver(() => chart.setSize(size()))
  observer.observe(host)
  return {
    draw(roof, points) {
      const ridge = roof.gflops / roof.gigabytesPerSecond
      const all = [ridge / 100, ridge, ridge * 100, ...points.map(({ intensity }) => intensity)]
      const xs = [...new Set([...all, Math.min(...all) / 2, Math.max(...all) * 2])].sort((a, b) => a - b)
      const top = (x: number) => Math.min(roof.gflops, x * roof.gigabytesPerSecond)
      const pointAt = new Map(points.map(({ intensity, gflops }) => [intensity, gflops]))
      chart.setData([xs, xs.map(top), xs.map((x) => pointAt.get(x) ?? null)])
    },
    destroy() {
      observer.disconnect()
      chart.destroy()
    },
  }
}
