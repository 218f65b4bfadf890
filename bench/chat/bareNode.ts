import { StageRun } from '../../models/language/tiny/runStages.ts'
import { benchModel } from './benchModel.ts'

/** What the benchmark asks of this process: read `prompt`, then decode `tokens` one by one. */
export interface BareDecode {
  prompt: number[]
  tokens: number
}

/** ms of the prompt with the first token, and of the others together. */
export interface BareDecoded {
  firstMs: number
  decodeMs: number
}

// The model's stages on ONNX Runtime Web in Node with nothing around them, in a process of its own. Argument: threads.

const [threads = '1'] = process.argv.slice(2)
const { model, read } = await benchModel()
const run = await StageRun.open(model.manifest.language!, read, { threads: Number(threads) })

const likeliest = (logits: Float32Array): number => {
  let best = 0
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id
  return best
}

process.on('message', async ({ prompt, tokens }: BareDecode) => {
  run.restart()
  const startedAt = performance.now()
  let id = likeliest(await run.read(prompt))
  const firstAt = performance.now()
  for (let token = 1; token < tokens; token++) id = likeliest(await run.read([id]))
  const answer: BareDecoded = { firstMs: firstAt - startedAt, decodeMs: performance.now() - firstAt }
  process.send!(answer)
})
process.once('disconnect', () => process.exit(0))
process.send!('ready')
