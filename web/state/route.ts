/** Which page a URL means. */
export type Route =
  /** `memoryBytes` is what `?memory=` asks for, in bytes. */
  | { page: 'contribute'; address: string | null; memoryBytes: number | null; autostart: boolean }
  | { page: 'network' }
  | { page: 'chat' }
  | { page: 'lab' }
  /** `address` as it stands in the path, not checked; `receipt` is an id. */
  | { page: 'account'; address: string; receipt: string | null }
  | { page: 'missing' }

/** The page of a URL. `test`: the relay runs in test mode, which alone allows `?start=1`. */
export function routeOf(url: URL, test = false): Route {
  const path = url.pathname.replace(/\/+$/, '') || '/'
  if (path === '/' || path === '/index.html') {
    return {
      page: 'contribute',
      address: url.searchParams.get('address'),
      memoryBytes: megabytes(url.searchParams.get('memory')),
      autostart: test && url.searchParams.get('start') === '1',
    }
  }
  if (path === '/network') return { page: 'network' }
  if (path === '/chat') return { page: 'chat' }
  if (path === '/lab') return { page: 'lab' }
  const account = /^\/account\/([^/]+)$/.exec(path)?.[1]
  if (account !== undefined) {
    const receipt = url.searchParams.get('receipt') ?? /^#receipt=(.+)$/.exec(url.hash)?.[1] ?? null
    return { page: 'account', address: decoded(account), receipt }
  }
  return { page: 'missing' }
}

/** Bytes of a number of megabytes below a million; null for anything else. */
const megabytes = (text: string | null): number | null =>
  text !== null && /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * 1e6) : null

/** The path of an account, with one of its receipts opened. */
export const accountPath = (address: string, receipt: string | null = null): string =>
  `/account/${encodeURIComponent(address)}${receipt === null ? '' : `?receipt=${encodeURIComponent(receipt)}`}`

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
