import type { StageRun } from '../../models/language/tiny/runStages.ts'
import type { BareDecoded } from './bareChatApi.ts'

const likeliest = (logits: Float32Array): number => {
  let best = 0
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id
  return best
}

/** Reads a prompt from its beginning and decodes the likeliest tokens one by one. */
export async function decodeStages(
  run: StageRun,
  prompt: readonly number[],
  tokens: number,
): Promise<BareDecoded> {
  run.restart()
  const startedAt = performance.now()
  let id = likeliest(await run.read(prompt))
  const firstAt = performance.now()
  for (let token = 1; token < tokens; token++) id = likeliest(await run.read([id]))
  return { firstMs: firstAt - startedAt, decodeMs: performance.now() - firstAt }
}
