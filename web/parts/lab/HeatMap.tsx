import { useEffect, useRef } from 'preact/hooks'
import type { Comparison } from '../../lab/numbers/labNumbersApi.ts'
import { theme } from '../../site.ts'
import { sayLab } from '../../text/sayLab.ts'

/** Rows of the table that are shown. */
const MOST_ROWS = 50

/** Where an output is off, as a picture and as a table. */
export function HeatMap({ output, distance }: { output: Comparison; distance: (value: number) => string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { rows, columns, values, rowStep, columnStep } = output.heat
  const dark = theme.dark.value
  useEffect(() => {
    if (canvas.current) paint(canvas.current, output.heat)
    // dark: the canvas does not see custom properties change.
  }, [output, dark])
  const off = values.flatMap((value, cell) => (value > 0 ? [{ value, cell }] : []))
  const range = (start: number, step: number): string =>
    step === 1 ? `${start}` : `${start}–${start + step - 1}`
  const caption = sayLab('result.heat', { output: output.output })
  return (
    <figure class="lab-heat">
      <figcaption class="note quiet">{caption}</figcaption>
      <canvas
        ref={canvas}
        width={columns}
        height={rows}
        role="img"
        aria-label={`${caption}. ${sayLab('result.heatLabel', { rows, columns, wrongCells: off.length })}`}
      />
      <p class="quiet note">
        {sayLab('result.heatScale', { n: rowStep * columnStep, rows: rowStep, columns: columnStep })}
      </p>
      <details class="table-behind">
        <summary>{sayLab('result.heatTable')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{sayLab('result.heatRow')}</th>
              <th scope="col">{sayLab('result.heatColumn')}</th>
              <th scope="col">{sayLab('result.heatValue')}</th>
            </tr>
          </thead>
          <tbody>
            {off.slice(0, MOST_ROWS).map(({ value, cell }) => (
              <tr key={cell}>
                <td>{range(Math.floor(cell / columns) * rowStep, rowStep)}</td>
                <td>{range((cell % columns) * columnStep, columnStep)}</td>
                <td>{distance(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {off.length > MOST_ROWS && (
          <p class="note quiet">{sayLab('result.heatMore', { n: off.length - MOST_ROWS })}</p>
        )}
      </details>
    </figure>
  )
}

/** One pixel a cell; the style sheet makes them large. Strength goes with the logarithm of the distance. */
function paint(canvas: HTMLCanvasElement, { rows, columns, values }: Comparison['heat']): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const colour = (name: string): string => getComputedStyle(canvas).getPropertyValue(name).trim()
  context.fillStyle = colour('--accent-wash')
  context.fillRect(0, 0, columns, rows)
  context.fillStyle = colour('--heat')
  const top = Math.log1p(Math.max(...values.filter(Number.isFinite), 1))
  for (const [cell, value] of values.entries()) {
    if (!(value > 0)) continue
    context.globalAlpha = 0.25 + 0.75 * (Number.isFinite(value) ? Math.log1p(value) / top : 1)
    context.fillRect(cell % columns, Math.floor(cell / columns), 1, 1)
  }
  context.globalAlpha = 1
}
