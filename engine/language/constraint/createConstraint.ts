import { OpentabError } from '../../../protocol/errors.ts'
import type { Constraint } from '../../../protocol/generation.ts'
import { charactersOfBytes } from '../../../protocol/text/byteLevel.ts'
import type { TextTokenizer } from '../../../protocol/text/textTokenizer.ts'
import { errorOf, GrammarHost, type GrammarSession } from './grammarHost.ts'
import type { NextTokens, Vocabulary } from './grammarMessages.ts'
import type { TokenConstraint } from './tokenConstraint.ts'

const names: Record<Constraint['kind'], string> = {
  json_object: 'A JSON object',
  json_schema: 'The JSON schema',
  ebnf: 'The grammar',
  tags: 'A schema of the tags',
}

/** One worker for all grammars of this realm; it is started by the first one. */
const sharedHost = new GrammarHost()

/**
 * Opens a grammar over a tokenizer's tokens. The library behind it is loaded with the first one.
 * @throws OpentabError `invalid_value` when the schema or grammar does not compile, or not within 10 s; `model_failed` when
 * the grammars' worker cannot be started
 */
export async function createConstraint(
  constraint: Constraint,
  tokenizer: TextTokenizer,
  endTokens: readonly number[],
  host: GrammarHost = sharedHost,
): Promise<TokenConstraint> {
  const opened = new HostedConstraint(host, constraint, vocabularyOf(tokenizer, endTokens))
  await opened.mask()
  return opened
}

let keys = 0
const vocabularies = new WeakMap<TextTokenizer, Map<string, Vocabulary>>()

function vocabularyOf(tokenizer: TextTokenizer, endTokens: readonly number[]): Vocabulary {
  const known = vocabularies.get(tokenizer) ?? new Map<string, Vocabulary>()
  vocabularies.set(tokenizer, known)
  const ends = endTokens.join()
  let vocabulary = known.get(ends)
  if (!vocabulary) {
    const tokens = tokenizer.tokenBytes().map(charactersOfBytes).join('\n')
    vocabulary = { key: keys++, tokens, endTokens: [...endTokens] }
    known.set(ends, vocabulary)
  }
  return vocabulary
}

let matchers = 0

class HostedConstraint implements TokenConstraint {
  readonly #host: GrammarHost
  readonly #constraint: Constraint
  readonly #vocabulary: Vocabulary
  readonly #matcher = matchers++
  readonly #ids: number[] = []
  /** The worker's life in which the grammar is open, and how many of the tokens it has there. */
  #life = 0
  #sent = 0
  /** After the last token; null where it has to be asked for. */
  #next: Promise<NextTokens> | null = null
  #ended = false
  /** An end token was accepted. */
  #isOver = false
  #isDisposed = false
  /** What broke the worker once is not tried again. */
  #refused: OpentabError | null = null

  constructor(host: GrammarHost, constraint: Constraint, vocabulary: Vocabulary) {
    this.#host = host
    this.#constraint = constraint
    this.#vocabulary = vocabulary
  }

  get ended(): boolean {
    return this.#ended || this.#isOver
  }

  async mask(): Promise<Uint32Array> {
    const { mask, ended } = await this.#ask()
    this.#ended = ended
    return this.#isOver ? new Uint32Array(mask.length) : mask
  }

  accept(id: number): void {
    if (this.#vocabulary.endTokens.includes(id)) {
      this.#isOver = true
      return
    }
    this.#ids.push(id)
    this.#next = null
    // Of several tokens in a row the last asks for all, ahead of the mask that will be wanted.
    queueMicrotask(() => {
      if (!this.#isDisposed) this.#ask().catch(() => {})
    })
  }

  dispose(): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    if (!this.#host.isAlive(this.#life)) return
    this.#host
      .run(async ({ life, call }) => {
        if (life === this.#life) await call('close', { matcher: this.#matcher })
      })
      .catch(() => {})
  }

  #ask(): Promise<NextTokens> {
    if (this.#refused) return Promise.reject(this.#refused)
    this.#next ??= this.#host
      .run((session) => this.#step(session))
      .catch((error: unknown) => {
        const failure = errorOf(error, names[this.#constraint.kind])
        if (failure.code === 'invalid_value') this.#refused = failure
        throw failure
      })
    return this.#next
  }

  /** Brings the grammar to the last token, in a new worker from the first one on. */
  async #step(session: GrammarSession): Promise<NextTokens> {
    if (session.life !== this.#life) await this.#open(session)
    const ids = this.#ids.slice(this.#sent)
    const next = await session.call('step', { matcher: this.#matcher, ids })
    if (!next) {
      throw new OpentabError('invalid_value', 'The answer has a token that its grammar forbids.', {
        param: 'given',
      })
    }
    this.#sent += ids.length
    return next
  }

  async #open({ life, call }: GrammarSession): Promise<void> {
    const opening = {
      matcher: this.#matcher,
      vocabulary: this.#vocabulary.key,
      constraint: this.#constraint,
    }
    if (!(await call('open', opening))) {
      await call('addVocabulary', this.#vocabulary)
      await call('open', opening)
    }
    this.#life = life
    this.#sent = 0
  }
}
