import canonicalize from 'canonicalize'
import { OpentabError } from '../../../protocol/errors.ts'
import type { KernelDescriptor } from '../../../shaders/kernel.ts'

/** SHA-256, 64 hex digits, of a descriptor with all its programs as RFC 8785 JSON: what a measurement is of. */
export async function programsHashOf(kernel: KernelDescriptor): Promise<string> {
  const text = canonicalize(kernel)
  if (text === undefined) throw new OpentabError('internal', `${kernel.name} is no JSON.`)
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
