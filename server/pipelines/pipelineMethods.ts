import { poolTokens } from './embeddings/poolTokens.ts'
import { loadTokenizer, tokeniseTexts } from './embeddings/tokeniseTexts.ts'
import { findLines } from './ocr/findLines.ts'
import { prepareDetection } from './ocr/prepareDetection.ts'
import { prepareRecognition } from './ocr/prepareRecognition.ts'

/** What the pipeline thread can do. Buffers inside a method's input and output change hands; they are not copied. */
export const pipelineMethods = {
  prepareDetection,
  findLines,
  prepareRecognition,
  loadTokenizer,
  tokeniseTexts,
  poolTokens,
}

export type PipelineMethods = typeof pipelineMethods
