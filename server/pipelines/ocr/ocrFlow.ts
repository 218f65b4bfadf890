import { OpentabError } from '../../../protocol/errors.ts'
import { type Datatype, elementsOf, type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import type { Flow, FlowContext } from '../../jobs/flow.ts'
import { type FlowOptions, fileOf, graphOf } from '../modelParts.ts'
import { ownCopy } from '../pipelineMessages.ts'
import { type PipelineThread, sharedPipelineThread } from '../pipelineThread.ts'
import type { Quad } from './geometry.ts'
import { lineText, readCharacters } from './lineText.ts'
import { LINE_HEIGHT, MIN_CONFIDENCE, ORIENTATION_WIDTH, TURN_THRESHOLD } from './ocrLimits.ts'
import type { OcrBody } from './ocrRequest.ts'
import { readSteps, type Steps } from './readSteps.ts'

/** One line that was read. */
export interface OcrLine {
  text: string
  /** Mean probability of its characters, 0..1. */
  confidence: number
  /** Corners in whole pixels of the upright image, clockwise from the top left. */
  box: [x: number, y: number][]
}

/** Answer of an OCR job; the caller adds `receipts`. */
export interface OcrAnswer {
  model: string
  /** In reading order. */
  lines: OcrLine[]
  usage: {
    pages: number
    /** Pixels of the upright image. */
    pixels: number
    /** Tasks that were asked for. */
    tasks: number
  }
}

/**
 * Reads the text in a picture: one `detect` task, `orient` tasks of up to eight lines, `recognise` tasks of lines of
 * like width, which several tabs work off at once. Task 0 is `detect`, then come the `orient` tasks, then `recognise`.
 * @throws OpentabError `invalid_value` for a picture that cannot be decoded
 */
export function createOcrFlow(
  { model, readFile }: FlowOptions,
  thread: PipelineThread = sharedPipelineThread(),
): Flow<OcrBody, OcrAnswer> {
  const detect = graphOf(model, 'detect')
  const orient = graphOf(model, 'orient')
  const recognise = graphOf(model, 'recognise')
  const keyFile = fileOf(model, 'characters.txt')
  let characters: Promise<string[]> | undefined
  const charactersOnce = () => {
    characters ??= readFile(keyFile).then(readCharacters)
    characters.catch(() => (characters = undefined))
    return characters
  }

  return async ({ image }, context) => {
    let tasks = 0
    const infer = (part: typeof detect, shape: readonly number[], elements: Float32Array) =>
      runTask(context, tasks++, model.hash, part, shape, elements)

    const input = await thread.call('prepareDetection', { image: ownCopy(image) })
    const { width, height, mapWidth, mapHeight } = input
    const [map] = await infer(detect, [1, 3, mapHeight, mapWidth], input.elements)
    expectShape(map, 'FP32', [1, 1, mapHeight, mapWidth])

    const found = await thread.call('findLines', {
      image: ownCopy(image),
      map: ownCopy(map.bytes),
      mapWidth,
      mapHeight,
    })
    const orientations = await Promise.all(
      found.orientations.map(({ lines, elements }) =>
        infer(orient, [lines, 3, LINE_HEIGHT, ORIENTATION_WIDTH], elements),
      ),
    )
    const turned = orientations.flatMap(([output], batch) => {
      expectShape(output, 'FP32', [found.orientations[batch]!.lines, 2])
      const probabilities = elementsOf({ ...output, datatype: 'FP32' })
      return Array.from(
        { length: probabilities.length / 2 },
        (_, line) => probabilities[2 * line + 1]! > TURN_THRESHOLD,
      )
    })

    const batches = await thread.call('prepareRecognition', {
      lines: found.lines.map(({ strip }, index) => ({ strip, turned: turned[index]! })),
    })
    const names = await charactersOnce()
    const lines: (OcrLine | undefined)[] = []
    await Promise.all(
      batches.map(async ({ members, paddedWidth, elements }) => {
        const outputs = await infer(recognise, [members.length, 3, LINE_HEIGHT, paddedWidth], elements)
        const read = readSteps(stepsOf(outputs, members.length))
        for (const [place, member] of members.entries()) {
          const text = lineText(read[place]!, names)
          const { confidence } = read[place]!
          if (text === '' || !(confidence >= MIN_CONFIDENCE)) continue
          lines[member] = {
            text,
            confidence: Math.round(confidence * 1e4) / 1e4,
            box: wholePixels(found.lines[member]!.box),
          }
        }
      }),
    )
    return {
      model: model.manifest.id,
      lines: lines.filter((line) => line !== undefined),
      usage: { pages: 1, pixels: width * height, tasks },
    }
  }
}

async function runTask(
  context: FlowContext,
  index: number,
  model: string,
  part: ReturnType<typeof graphOf>,
  shape: readonly number[],
  elements: Float32Array,
): Promise<Tensor[]> {
  const input = tensorOf(part.graph.inputs[0]!.name, 'FP32', shape, elements)
  return context.task(index, { kind: 'infer', model, graph: part.index, inputs: [input] })
}

/** The outputs of the `recognise` graph. @throws OpentabError `internal` when they are not what its name says */
export function stepsOf(outputs: readonly Tensor[], lines: number): Steps {
  const [values, indices, space] = outputs
  const length = space?.shape[1] ?? 0
  expectShape(values, 'FP32', [lines, length, 2])
  expectShape(indices, 'INT64', [lines, length, 2])
  expectShape(space, 'FP32', [lines, length])
  return {
    lines,
    length,
    indices: elementsOf({ ...indices, datatype: 'INT64' }),
    values: elementsOf({ ...values, datatype: 'FP32' }),
    space: elementsOf({ ...space, datatype: 'FP32' }),
  }
}

/** The relay has looked at a result's form before; a graph that is not what its name says shows here. */
function expectShape(
  tensor: Tensor | undefined,
  datatype: Datatype,
  shape: readonly number[],
): asserts tensor is Tensor {
  if (tensor?.datatype === datatype && tensor.shape.join() === shape.join()) return
  const found = tensor
    ? `${tensor.name} is ${tensor.datatype}[${tensor.shape.join(',')}]`
    : 'An output is missing'
  throw new OpentabError('internal', `${found}, expected ${datatype}[${shape.join(',')}].`)
}

const wholePixels = (box: Quad): OcrLine['box'] => box.map(([x, y]) => [Math.round(x), Math.round(y)])
