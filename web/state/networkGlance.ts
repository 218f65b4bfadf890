import { signal } from '@preact/signals'
import type { NetworkDocument } from '../../protocol/network.ts'

/** The network as it was last seen by any page; for the head of the contribute page and the foot. */
export const networkGlance = signal<NetworkDocument | null>(null)
