import negotiate from '@fastify/accept-negotiator'

/** First parts of the paths that programs call: their errors are JSON, whoever asks. */
const CALLED = new Set(['v1', 'v2', 'blobs', 'log', 'admin', 'tab', 'assets', 'metrics', 'livez', 'readyz'])

/** What a person without scripts reads in place of a page that is not there. */
export const MISSING_NOSCRIPT = '<h1>There is no page here</h1><p>Check the address.</p>'

/** What of a request tells who asks. */
export interface AskedPath {
  method: string
  url: string
  headers: { accept?: string | undefined }
}

/** Whether a person in a browser asks for a page: where there is none he gets one that says so, in place of the JSON for programs. */
export function wantsPage({ method, url, headers }: AskedPath): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (CALLED.has(/^\/([^/?#]*)/.exec(url)?.[1] ?? '')) return false
  return negotiate(headers.accept ?? '', ['application/json', 'text/html']) === 'text/html'
}
