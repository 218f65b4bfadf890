import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoSentences } from '../../cli/demoSentences.ts'
import { projectRoot } from '../../server/config.ts'

/** The two requests that every side answers. */
export type RequestName = 'ocr' | 'embeddings'
export const requestNames: readonly RequestName[] = ['ocr', 'embeddings']

export const ocrModel = 'pp-ocrv4'
export const embeddingsModel = 'all-minilm-l6-v2'

/** The demo's picture of a page, JPEG. */
export const page = (): Buffer => readFileSync(join(projectRoot, 'e2e/pictures/page.jpg'))

/** The demo's 64 sentences. */
export const sentences: readonly string[] = demoSentences
