import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import reference from '../../../bench/reference/ocr_page.json' with { type: 'json' }
import { catalogueEntry } from '../../../models/catalogue.ts'
import { tensorOf } from '../../../protocol/tensor.ts'
import { createDirectContext, type DirectContext } from '../directContext.ts'
import { type FlowOptions, graphOf } from '../modelParts.ts'
import { packagedModel } from '../packagedModel.ts'
import { PipelineThread } from '../pipelineThread.ts'
import { cutLine } from './cutLine.ts'
import { openPicture } from './decodePicture.ts'
import type { Point, Quad } from './geometry.ts'
import { readCharacters } from './lineText.ts'
import { createOcrFlow, type OcrAnswer, stepsOf } from './ocrFlow.ts'
import { prepareRecognition } from './prepareRecognition.ts'
import { readSteps } from './readSteps.ts'

const file = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url))
const thread = new PipelineThread()
let packaged: FlowOptions
let context: DirectContext
let page: Uint8Array

beforeAll(async () => {
  packaged = await packagedModel('pp-ocrv4')
  context = createDirectContext(packaged.model, packaged.readFile)
  page = await file('e2e/pictures/page.jpg')
})
afterAll(() => thread.close())

const read = (image: Uint8Array): Promise<OcrAnswer> => createOcrFlow(packaged, thread)({ image }, context)

describe('the page of the demo', () => {
  let answer: OcrAnswer
  beforeAll(async () => {
    answer = await read(page)
  }, 60_000)

  it('is read as the reference reads it', () => {
    expect(answer.lines.map((line) => line.text)).toEqual(reference.lines.map((line) => line.text))
  })

  it('has the boxes of the reference', () => {
    for (const [index, line] of answer.lines.entries()) {
      expect(overlap(line.box, points(reference.lines[index]!.box))).toBeGreaterThanOrEqual(0.9)
    }
  })

  it('is read with the confidence of the reference', () => {
    // A tenth of a pixel in a box moves the graph's confidence by up to 0.015: so the mean is held tight here, and
    // each line's below, with the reference's own boxes.
    const off = answer.lines.map((line, index) =>
      Math.abs(line.confidence - reference.lines[index]!.confidence),
    )
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.02)
    expect(Math.max(...off)).toBeLessThan(0.05)
  })

  it('is read with at most one error in twenty characters', async () => {
    const truth = (await file('e2e/pictures/page.txt')).toString().trim()
    const text = answer.lines.map((line) => line.text).join('\n')
    expect(editDistance(text, truth) / truth.length).toBeLessThan(0.05)
  })

  it('makes at least four tasks for several tabs, and numbers them without a gap', () => {
    expect(context.log.filter(({ graph }) => graph === 'recognise').length).toBeGreaterThanOrEqual(4)
    expect(context.log.map(({ index }) => index)).toEqual(context.log.map((_, index) => index))
    expect(answer.usage).toEqual({ pages: 1, pixels: 1080 * 1440, tasks: context.log.length })
  })

  it('gives a line the confidence of the reference when it is cut at the reference’s box', async () => {
    const opened = await openPicture(page)
    const picture = await opened.decode(opened.width, opened.height)
    // Four lines of one width: two tasks.
    const chosen = reference.lines.slice(2, 6)
    const lines = chosen.map(({ box }) => ({ strip: cutLine(picture, quad(box)), turned: false }))
    const { index } = graphOf(packaged.model, 'recognise')
    for (const { members, paddedWidth, elements } of prepareRecognition({ lines })) {
      const inputs = [tensorOf('x', 'FP32', [members.length, 3, 48, paddedWidth], elements)]
      const outputs = await context.task(0, { kind: 'infer', model: '', graph: index, inputs })
      const found = readSteps(stepsOf(outputs, members.length))
      for (const [place, member] of members.entries()) {
        expect(Math.abs(found[place]!.confidence - chosen[member]!.confidence)).toBeLessThan(0.02)
      }
    }
  }, 60_000)
})

it('has a graph that ranks the classes of the key file and gives the probability of its last one, the space', async () => {
  const { sha256 } = packaged.model.manifest.files['characters.txt']!
  const characters = readCharacters(await packaged.readFile(sha256))
  const { ranked } = graphOf(packaged.model, 'recognise').graph
  const graph = catalogueEntry('pp-ocrv4')!.graphs.find(({ name }) => name === 'recognise')
  expect(ranked?.classes).toBe(characters.length)
  expect(graph?.derived?.topTwoClasses?.spaceClass).toBe(characters.lastIndexOf(' '))
})

it('reads a picture that stands on its head', async () => {
  const part = await sharp(page)
    .extract({ left: 90, top: 120, width: 850, height: 160 })
    .rotate(180)
    .png()
    .toBuffer()
  const { lines } = await read(part)
  expect(lines.map((line) => line.text)).toContain('Harbour Weather Station No. 7')
}, 60_000)

it('reads nothing in a blank picture, with one task', async () => {
  const blank = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } })
    .png()
    .toBuffer()
  expect(await read(blank)).toEqual({
    model: 'pp-ocrv4',
    lines: [],
    usage: { pages: 1, pixels: 4096, tasks: 1 },
  })
})

it('refuses a damaged picture before any task', async () => {
  const before = context.log.length
  await expect(read(page.subarray(0, 20_000))).rejects.toMatchObject({
    code: 'invalid_value',
    param: 'image',
  })
  expect(context.log).toHaveLength(before)
})

it('leaves the bytes of the request alone', async () => {
  expect(page.byteLength).toBeGreaterThan(0)
  expect([...page.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff])
})

const points = (box: readonly (readonly number[])[]): Point[] => box.map(([x, y]) => [x!, y!])
function quad(box: readonly (readonly number[])[]): Quad {
  const [a, b, c, d] = points(box)
  return [a!, b!, c!, d!]
}

/** Intersection over union of two convex polygons (clockwise, y downwards), by Sutherland-Hodgman clipping. */
function overlap(a: readonly Point[], b: readonly Point[]): number {
  let clipped = [...a]
  for (const [i, from] of b.entries()) {
    const to = b[(i + 1) % b.length]!
    const side = ([x, y]: Point) => (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0])
    const input = clipped
    clipped = []
    for (const [j, point] of input.entries()) {
      const next = input[(j + 1) % input.length]!
      const [here, there] = [side(point), side(next)]
      if (here >= 0) clipped.push(point)
      if (here * there < 0) {
        const t = here / (here - there)
        clipped.push([point[0] + (next[0] - point[0]) * t, point[1] + (next[1] - point[1]) * t])
      }
    }
  }
  const shared = area(clipped)
  return shared / (area(a) + area(b) - shared)
}

const area = (polygon: readonly Point[]): number =>
  polygon.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = polygon[(i + 1) % polygon.length]!
    return sum + (x * nextY - nextX * y) / 2
  }, 0)

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === b[j] ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1)!
}
