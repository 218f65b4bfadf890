/** Where shards lie: a flat folder of files named by SHA-256. OPFS in a browser, memory where there is none. */
export interface ShardFiles {
  /** Whether the bytes outlive the page. */
  readonly lasting: boolean
  /** Bytes by name. */
  list(): Promise<Map<string, number>>
  /** Bytes of one file; 0 when there is none. */
  size(name: string): Promise<number>
  /** The whole file; null when there is none. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>
  /** Opens for writing at the end; the file is made where there is none. @throws OpentabError `storage_full` from `write` */
  append(name: string): Promise<ShardAppender>
  remove(name: string): Promise<void>
  /** Runs alone among all tabs of this browser that ask for the same name. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T>
}

export interface ShardAppender {
  write(chunk: Uint8Array): void
  /** What was written is kept. */
  close(): void
}
