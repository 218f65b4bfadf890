/**
 * Makes `page.jpg`, the picture of the demo and of the OCR tests: a printed page on a table, turned by two degrees,
 * under uneven light, slightly out of focus, with sensor noise. Its true text is `page.txt`, one line a line.
 * The picture is committed; this script is run by hand (`node e2e/pictures/makePage.ts`) when the text changes.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { pcg } from '../../protocol/seededInputs.ts'

const width = 1080
const height = 1440
const turnDegrees = 2
/** Standard deviation of the sensor noise, grey levels. */
const noiseSigma = 8

const lines = (await readFile(new URL('page.txt', import.meta.url), 'utf8')).trimEnd().split('\n')
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Baseline, size and font of line `index`: a heading, a subtitle, then paragraphs with a gap after some lines. */
function lineSvg(text: string, index: number): string {
  const gaps = [1, 3, 5, 7, 9, 11].filter((line) => line < index).length * 18
  const y = 190 + index * 62 + gaps
  const style =
    index === 0
      ? 'font-family="Liberation Sans" font-weight="bold" font-size="44"'
      : index === 1
        ? 'font-family="Liberation Serif" font-style="italic" font-size="35"'
        : 'font-family="Liberation Serif" font-size="37"'
  return `<text x="150" y="${y}" ${style} fill="#26241f">${escaped(text)}</text>`
}

const bars = [34, 71, 48, 22, 60]
  .map(
    (bar, index) =>
      `<rect x="${760 + index * 30}" y="${1290 - bar}" width="19" height="${bar}" fill="#5a6d84"/>`,
  )
  .join('')

const page = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <rect width="${width}" height="${height}" fill="#6d5a48"/>
  <g transform="rotate(${turnDegrees} ${width / 2} ${height / 2})">
    <rect x="88" y="72" width="930" height="1320" fill="#4a3d31" opacity="0.6"/>
    <rect x="76" y="60" width="930" height="1320" fill="#f3efe4"/>
    ${lines.map(lineSvg).join('\n')}
    <line x1="750" y1="1291" x2="915" y2="1291" stroke="#26241f" stroke-width="2"/>
    ${bars}
  </g>
</svg>`

const light = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <defs><radialGradient id="lamp" cx="0.3" cy="0.22" r="1.05">
    <stop offset="0" stop-color="#fffaf0"/><stop offset="0.55" stop-color="#d8cfc0"/><stop offset="1" stop-color="#8d8478"/>
  </radialGradient></defs>
  <rect width="${width}" height="${height}" fill="url(#lamp)"/>
</svg>`

const lit = await sharp(Buffer.from(page))
  .composite([{ input: Buffer.from(light), blend: 'multiply' }])
  .png()
  .toBuffer()
const data = await sharp(lit).removeAlpha().blur(0.8).raw().toBuffer()

// The sum of four uniform numbers is near enough to a normal one; its standard deviation is sqrt(4 / 12).
for (let pixel = 0; pixel < width * height; pixel++) {
  const draw = pcg(pixel)
  const sum = (draw & 255) + ((draw >>> 8) & 255) + ((draw >>> 16) & 255) + (draw >>> 24)
  const noise = ((sum / 255 - 2) / Math.sqrt(4 / 12)) * noiseSigma
  for (let i = pixel * 3; i < pixel * 3 + 3; i++)
    data[i] = Math.max(0, Math.min(255, Math.round(data[i]! + noise)))
}

await sharp(data, { raw: { width, height, channels: 3 } })
  .jpeg({ quality: 74 })
  .toFile(fileURLToPath(new URL('page.jpg', import.meta.url)))
