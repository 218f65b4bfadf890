/** What is needed of node:worker_threads; the relay's referee and the tests run the engine in Node. */
export interface NodeThreads {
  Worker: new (
    entry: URL,
  ) => {
    postMessage(message: unknown): void
    on(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): void
    terminate(): Promise<number>
    ref(): void
    unref(): void
  }
  parentPort: {
    postMessage(message: unknown, moved?: readonly ArrayBuffer[]): void
    on(event: 'message', listener: (message: unknown) => void): void
  } | null
}

/** node:worker_threads where this is Node, null in browsers. Asked for at run time: a bundler must not see it. */
export function nodeThreads(): NodeThreads | null {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  return (process?.getBuiltinModule?.('node:worker_threads') as NodeThreads | undefined) ?? null
}
