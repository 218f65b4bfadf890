import type { ComputeApi, ComputeFaults, OpenOptions } from '../compute/computeApi.ts'
import type { ShardStore } from './shardStore.ts'

/** Time, as the link worker's core sees it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls once after `ms`; the returned function calls it off. */
  after(ms: number, run: () => void): () => void
  /** Calls at the end of this turn, behind the messages that wait already. */
  soon(run: () => void): void
}

/** One WebSocket, cut down to what the core uses. */
export interface TabSocket {
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code: number): void
}

/** What a socket tells. After `closed` it is silent. */
export interface SocketListener {
  opened(): void
  text(text: string): void
  binary(frame: Uint8Array): void
  /** `code` is the WebSocket close code; 1006 when the connection just ended. */
  closed(code: number): void
}

/** The compute worker with its fault switches, which answer only in tests. */
export type ComputePort = ComputeApi & ComputeFaults

/** Makes and kills the compute worker. */
export interface ComputeHost {
  /** A fresh worker, not opened yet. */
  spawn(): Promise<ComputePort>
  /** Ends the worker at once; calls that are under way never settle. */
  kill(): void
}

/** Everything outside of the core: real things in link.ts, fakes in tests. */
export interface TabEnvironment {
  clock: Clock
  openSocket(listener: SocketListener): TabSocket
  compute: ComputeHost
  /** What a fresh compute worker is opened with; fetches the ONNX Runtime's WASM. */
  computeOptions(): Promise<OpenOptions>
  store: ShardStore
  /** 0 <= x < 1, for jitter. */
  random(): number
}
