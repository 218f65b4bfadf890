import { hash } from 'node:crypto'
import type { DeviceReport } from '../../protocol/messages.ts'

const word = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '') || 'unknown'

/** Vendor, architecture, browser major and 8 hex of the SHA-256 of the sorted features: `google/swiftshader/156/1a2b3c4d`. */
export function deviceClassOf(device: DeviceReport): string {
  const features = hash('sha256', [...device.features].sort().join(','), 'hex').slice(0, 8)
  return `${word(device.vendor)}/${word(device.architecture)}/${device.browserMajor}/${features}`
}
