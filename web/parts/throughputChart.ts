import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { CHART_SPAN_MS, type ChartColumns, speedAxisTop } from '../state/throughputView.ts'

export interface ChartWords {
  gflops: string
  tasks: string
  number(value: number): string
  /** A mark of the axis of the speed, which may be small. */
  axis(value: number): string
  minute(epochMs: number): string
}

export interface ThroughputChart {
  draw(columns: ChartColumns, nowMs: number): void
  destroy(): void
}

/** Draws into `host`, as wide as it is; colours come from the page's custom properties. A chunk of its own. */
export function createThroughputChart(host: HTMLElement, words: ChartWords): ThroughputChart {
  const colour = (name: string) => () => getComputedStyle(host).getPropertyValue(name).trim()
  const size = () => ({ width: host.clientWidth, height: host.clientHeight })
  let nowMs = Date.now()
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  const chart = new UPlot(
    {
      ...size(),
      padding: [10, 4, 0, 4],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: true, range: () => [(nowMs - CHART_SPAN_MS) / 1000, nowMs / 1000] },
        speed: { range: (_, __, max) => [0, speedAxisTop(max)] },
        tasks: { range: (_, __, max) => [0, Math.max(max * 2.5, 4)] },
      },
      axes: [
        { ...axis, size: 26, space: 70, values: (_, times) => times.map((at) => words.minute(at * 1000)) },
        {
          ...axis,
          scale: 'speed',
          size: 52,
          label: words.gflops,
          labelSize: 16,
          labelFont: axis.font,
          space: 34,
          values: (_, values) => values.map(words.axis),
        },
        {
          ...axis,
          scale: 'tasks',
          side: 1,
          size: 34,
          label: words.tasks,
          labelSize: 16,
          labelFont: axis.font,
          grid: { show: false },
          space: 34,
          values: (_, values) => values.map((value) => (Number.isInteger(value) ? words.number(value) : '')),
        },
      ],
      series: [
        {},
        { scale: 'speed', stroke: colour('--accent'), width: 2, points: { show: false } },
        {
          scale: 'tasks',
          stroke: colour('--bars'),
          fill: colour('--bars'),
          width: 0,
          points: { show: false },
          paths: UPlot.paths.bars?.({ size: [0.7, 12] }),
        },
      ],
    },
    [[], [], []],
    host,
  )
  const observer = new ResizeObserver(() => chart.setSize(size()))
  observer.observe(host)
  return {
    draw: (columns, at) => {
      nowMs = at
      chart.setData(columns)
    },
    destroy: () => {
      observer.disconnect()
      chart.destroy()
    },
  }
}
