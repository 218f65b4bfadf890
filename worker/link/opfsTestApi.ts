/** What opfsTestWorker.ts offers to its test: without the types of a worker, which a page does not have. */
export interface OpfsTestApi {
  /** Gets `bytes` through a store whose source has them; gives them with the bytes at which it was asked. */
  get(
    bytes: Uint8Array<ArrayBuffer>,
    options?: { breakAfter?: number },
  ): Promise<{ bytes: Uint8Array | null; code: string | null; asked: number[] }>
  write(name: string, bytes: Uint8Array): Promise<void>
  list(): Promise<Map<string, number>>
  remove(name: string): Promise<void>
  clear(): Promise<void>
}
