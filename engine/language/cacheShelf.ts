import { OpentabError } from '../../protocol/errors.ts'
import { requireWanted } from './requireWanted.ts'
import { type KeyValueCache, MAX_ROWS, type StageChain } from './stageChain.ts'
import type { TailPicker } from './tailPicker.ts'

/** A sequence with the cache of its rows. */
export interface Sequence {
  readonly chain: StageChain
  readonly cache: KeyValueCache
  /** Ids of an answer's prompt and tokens: those of the cache's rows come first. Empty for a session of stages. */
  readonly tokens: number[]
  /** What a session at the tail of a ring has beside its cache, and is given back with it. */
  tail: TailPicker | null
}

interface Shelved extends Sequence {
  /** Whose answer it is: others' answers do not begin from it. */
  readonly scope: number
  /** The relay's number of a session of stages; null for an answer. */
  readonly session: number | null
  inUse: boolean
  /** Counts up with every use: of two sequences the one with the lower number was used longer ago. */
  usedAt: number
  /** Counts up with every sequence that is taken into use. */
  startedAt: number
  /** Bytes that a run under way may fill. */
  reservedBytes: number
  /** Whether an older answer needs the room of this one. */
  mustGiveWay: boolean
}

/**
 * The caches of all sequences, within a budget. A sequence that nobody uses stays for the next one that begins alike, until
 * its room is needed: the least recently used goes first. Where the answers under way do not fit together, the youngest
 * gives its cache up, waits, and computes its rows again.
 */
export class CacheShelf {
  readonly #budgetBytes: number
  readonly #sequences = new Set<Shelved>()
  readonly #waiting = new Set<() => void>()
  #clock = 0

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes
  }

  /** Bytes of all caches. */
  get bytes(): number {
    return this.#sum(this.#sequences)
  }

  /**
   * A sequence in use with these tokens, of which `cache.rows` are computed already: as many as another sequence has in
   * common with it, but never the last one, whose logits are wanted.
   * @param scope only sequences of the same scope are looked at
   */
  openAnswer(chain: StageChain, tokens: readonly number[], scope: number): Sequence {
    const { source, shared } = this.#closest(chain, tokens, scope)
    if (source && !source.inUse && source.cache.rows === shared) {
      // It ends where this one goes on: a conversation's next turn.
      source.tokens.splice(shared, Number.POSITIVE_INFINITY, ...tokens.slice(shared))
      return this.#use(source)
    }
    const cache = source && this.#fork(source, shared)
    return this.#add(chain, cache ?? chain.newCache(), [...tokens], { session: null, scope })
  }

  /**
   * The session of a step that begins at `position`, in use: without rows for position 0, else cut back to exactly
   * `position` rows. Null where there are fewer.
   */
  openSession(chain: StageChain, session: number, position: number): Sequence | null {
    const known = this.#sessionOf(chain, session)
    if (known?.inUse) {
      throw new OpentabError('invalid_value', `A step of session ${session} is under way here.`, {
        param: 'session',
      })
    }
    if (position === 0) {
      if (known) this.#remove(known)
      return this.#add(chain, chain.newCache(), [], { session, scope: 0 })
    }
    if (!known || known.cache.rows < position) return null
    known.cache.truncate(position)
    return this.#use(known)
  }

  /**
   * Makes room for a sequence in use to grow to so many rows. When this resolves an answer may have had to give its rows
   * up: look at `cache.rows` again.
   * @throws OpentabError `out_of_memory` when it does not even fit alone, `cancelled`
   */
  async grow(sequence: Sequence, rows: number, signal: AbortSignal): Promise<void> {
    const entry = sequence as Shelved
    let wanted = rows
    for (;;) {
      requireWanted(signal)
      if (entry.mustGiveWay) {
        entry.mustGiveWay = false
        entry.cache.free()
        // Whoever begins again shall come further than a few rows.
        wanted = entry.tokens.length + MAX_ROWS
        this.#wake()
      }
      const needed = entry.cache.bytesWith(wanted)
      const beside = this.#sum([...this.#sequences].filter((each) => each !== entry))
      if (beside + needed <= this.#budgetBytes) {
        entry.reservedBytes = needed
        return
      }
      if (this.#evictOne(entry)) continue
      if (beside === 0) {
        if (wanted > rows) {
          wanted = rows
          continue
        }
        throw new OpentabError(
          'out_of_memory',
          `The cache of ${rows} tokens takes ${needed} bytes, and caches may take ${this.#budgetBytes} here.`,
        )
      }
      const younger = [...this.#sequences]
        .filter((each) => each.session === null && each.startedAt > entry.startedAt && bytesOf(each) > 0)
        .sort((a, b) => b.startedAt - a.startedAt)[0]
      // Whoever waits is woken only where something changed, or two would wake each other for ever.
      const isNews = entry.reservedBytes > 0 || younger?.mustGiveWay === false
      if (younger) younger.mustGiveWay = true
      entry.reservedBytes = 0
      if (isNews) this.#wake()
      await this.#change(signal)
    }
  }

  /** Says that a sequence is not in use any more; what it holds stays. */
  close(sequence: Sequence): void {
    const entry = sequence as Shelved
    entry.inUse = false
    entry.mustGiveWay = false
    entry.reservedBytes = 0
    entry.usedAt = ++this.#clock
    entry.tokens.length = Math.min(entry.tokens.length, entry.cache.rows)
    if (entry.cache.rows === 0) this.#remove(entry)
    this.#wake()
  }

  forgetSession(chain: StageChain, session: number): void {
    const entry = this.#sessionOf(chain, session)
    if (entry && !entry.inUse) this.#remove(entry)
  }

  /** Forgets everything of a run of stages that is given up. */
  forgetChain(chain: StageChain): void {
    for (const entry of this.#sequences) if (entry.chain === chain) this.#remove(entry)
    this.#wake()
  }

  #add(
    chain: StageChain,
    cache: KeyValueCache,
    tokens: number[],
    { session, scope }: Pick<Shelved, 'session' | 'scope'>,
  ): Shelved {
    const entry: Shelved = {
      scope,
      chain,
      cache,
      tokens,
      tail: null,
      session,
      inUse: true,
      usedAt: 0,
      startedAt: 0,
      reservedBytes: 0,
      mustGiveWay: false,
    }
    this.#sequences.add(entry)
    return this.#use(entry)
  }

  #use(entry: Shelved): Shelved {
    entry.inUse = true
    entry.startedAt = entry.usedAt = ++this.#clock
    return entry
  }

  #remove(entry: Shelved): void {
    this.#sequences.delete(entry)
    entry.cache.free()
    entry.tail?.dispose()
  }

  #sessionOf(chain: StageChain, session: number): Shelved | undefined {
    for (const entry of this.#sequences) {
      if (entry.chain === chain && entry.session === session) return entry
    }
    return undefined
  }

  /** The answer of the scope that shares the longest beginning with these tokens. */
  #closest(
    chain: StageChain,
    tokens: readonly number[],
    scope: number,
  ): { source: Shelved | null; shared: number } {
    let source: Shelved | null = null
    let shared = 0
    for (const entry of this.#sequences) {
      if (entry.chain !== chain || entry.session !== null || entry.scope !== scope) continue
      const most = Math.min(tokens.length - 1, entry.cache.rows)
      let same = 0
      while (same < most && entry.tokens[same] === tokens[same]) same++
      // Of equally good ones the one that needs no copy.
      if (same > shared || (same === shared && same > 0 && !entry.inUse && entry.cache.rows === same)) {
        source = entry
        shared = same
      }
    }
    return { source, shared }
  }

  /** A cache with the first rows of another sequence's, which stays where there is room for both. */
  #fork(source: Shelved, rows: number): KeyValueCache | null {
    const fits = (): boolean => this.bytes + source.cache.bytesWith(rows) <= this.#budgetBytes
    while (!fits() && this.#evictOne(source));
    if (fits()) return source.cache.fork(rows)
    if (source.inUse) return null
    this.#sequences.delete(source)
    source.cache.truncate(rows)
    return source.cache
  }

  /** Forgets the least recently used of the sequences that nobody uses, but not this one. */
  #evictOne(spared: Shelved): boolean {
    let oldest: Shelved | null = null
    for (const entry of this.#sequences) {
      if (entry.inUse || entry === spared) continue
      if (oldest === null || entry.usedAt < oldest.usedAt) oldest = entry
    }
    if (!oldest) return false
    this.#remove(oldest)
    return true
  }

  #sum(entries: Iterable<Shelved>): number {
    let bytes = 0
    for (const entry of entries) bytes += bytesOf(entry)
    return bytes
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves when room may have become free, or at the signal. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}

const bytesOf = ({ cache, reservedBytes }: Shelved): number => Math.max(cache.bytes, reservedBytes)
