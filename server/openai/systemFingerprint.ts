import { hash } from 'node:crypto'

/** OpenAI's `system_fingerprint`: changes when the model's bytes or the relay's version do. */
export const systemFingerprint = (modelHash: string, version: string): string =>
  `fp_${hash('sha256', `${modelHash} ${version}`, 'hex').slice(0, 12)}`
