import type { Clock } from './tabEnvironment.ts'

/** A clock that moves only when a test says so. */
export class FakeClock implements Clock {
  #now = 1_800_000_000_000
  #timers: { at: number; run: () => void }[] = []
  #soon: (() => void)[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  soon(run: () => void): void {
    this.#soon.push(run)
  }

  /** Lets every promise settle and every turn end, without time passing. */
  async settle(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      // The event loop's own turn: promises of WebCrypto and of streams need it.
      await new Promise<void>((resolve) => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => {
          port1.close()
          resolve()
        }
        port2.postMessage(null)
      })
      for (const run of this.#soon.splice(0)) run()
    }
  }

  /** Moves on by `ms`, running each timer at its time. */
  async advance(ms: number): Promise<void> {
    await this.settle()
    const end = this.#now + ms
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#now = Math.max(due.at, this.#now)
      due.run()
      await this.settle()
    }
    this.#now = end
    await this.settle()
  }

  /** The machine sleeps: time passes and no timer runs until it is over. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms
    await this.advance(0)
  }
}
