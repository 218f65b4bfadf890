import * as ort from 'onnxruntime-web'
import { StageRun } from '../../models/language/tiny/runStages.ts'
import { benchModel } from './benchModel.ts'
import { decodeStages } from './decodeStages.ts'

/** What the benchmark asks of this process: read `prompt`, then decode `tokens` one by one. */
export interface BareDecode {
  prompt: number[]
  tokens: number
}

// The model's stages on ONNX Runtime Web in Node with nothing around them, in a process of its own. Argument: threads.

const [threads = '1'] = process.argv.slice(2)
const { model, read } = await benchModel()
const run = await StageRun.open(ort, model.manifest.language!, read, { threads: Number(threads) })

process.on('message', async ({ prompt, tokens }: BareDecode) => {
  process.send!(await decodeStages(run, prompt, tokens))
})
process.once('disconnect', () => process.exit(0))
process.send!('ready')
