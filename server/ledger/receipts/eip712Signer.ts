import { Worker } from 'node:worker_threads'
import { OpentabError } from '../../../protocol/errors.ts'
import type { Receipt } from '../../../protocol/receipt.ts'
import { type Eip712Receipt, receiptTypedData } from '../../../protocol/tlog/receiptTypedData.ts'
import type { EvmKey } from '../log/keys.ts'
import type { SigningAnswer, SigningRequest } from './eip712Worker.ts'

interface Waiting {
  resolve: (signature: string) => void
  reject: (error: Error) => void
}

/**
 * Signs receipts as EIP-712 typed data in a thread of its own, which starts with the first one: loading the curve and
 * signing take milliseconds that the event loop must not lose. Keep what it gives: nothing is cached here.
 */
export class Eip712Signer {
  readonly #key: EvmKey
  #worker: Worker | undefined
  #lastRequest = 0
  readonly #waiting = new Map<number, Waiting>()

  constructor(key: EvmKey) {
    this.#key = key
  }

  /** The typed data of a receipt with the relay's signature. Rejects with `internal` when the thread fails. */
  async sign(receipt: Receipt): Promise<Eip712Receipt> {
    const typedData = receiptTypedData(receipt)
    const worker = this.#start()
    const request: SigningRequest = { id: ++this.#lastRequest, typedData }
    const signature = await new Promise<string>((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject })
      worker.ref()
      worker.postMessage(request)
    })
    return { ...typedData, signature, signer: this.#key.address }
  }

  /** Ends the thread; what still waits is rejected. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./eip712Worker.ts', import.meta.url), {
      workerData: this.#key.privateKey,
    })
    this.#worker = worker
    worker.on('message', (answer: SigningAnswer) => {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      // An idle thread must not keep the process alive.
      if (this.#waiting.size === 0) worker.unref()
      if (waiting === undefined) return
      if ('signature' in answer) waiting.resolve(answer.signature)
      else waiting.reject(new OpentabError('internal', `The receipt could not be signed: ${answer.error}.`))
    })
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    // A thread that ended is replaced at the next request.
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      for (const waiting of this.#waiting.values()) {
        waiting.reject(new OpentabError('internal', 'The thread that signs receipts ended.', { cause }))
      }
      this.#waiting.clear()
    })
    return worker
  }
}
