import { hash, randomBytes } from 'node:crypto'
import { OpentabError } from '../../protocol/errors.ts'
import type { GroupCommit } from '../store/groupCommit.ts'
import type { ApiKeyRow } from '../store/store.ts'

/** What is shown of a key after its making. */
export type ApiKeyView = Omit<ApiKeyRow, 'sha256'>

const sha256 = (text: string): string => hash('sha256', text, 'hex')

/** Requesters' keys: kept as SHA-256, shown once, with a spend limit, revocable. */
export class ApiKeys {
  readonly #commit: GroupCommit
  readonly #now: () => number
  readonly #byHash = new Map<string, ApiKeyRow>()
  readonly #byId = new Map<string, ApiKeyRow>()

  constructor(commit: GroupCommit, now: () => number, rows: readonly ApiKeyRow[]) {
    this.#commit = commit
    this.#now = now
    for (const row of rows) this.#add(row)
  }

  #add(row: ApiKeyRow): void {
    this.#byHash.set(row.sha256, row)
    this.#byId.set(row.id, row)
  }

  /** Makes a key; resolves, with the only copy of it, once it is on disk. */
  async create(name: string, limitMicroCredits: number | null): Promise<ApiKeyView & { key: string }> {
    const key = `sk-opentab-${randomBytes(24).toString('base64url')}`
    const row: ApiKeyRow = {
      id: randomBytes(6).toString('hex'),
      name,
      sha256: sha256(key),
      limitMicroCredits,
      createdAt: this.#now(),
      revokedAt: null,
    }
    this.#add(row)
    this.#commit.batch.apiKeys.push({ ...row })
    await this.#commit.durable()
    return { ...view(row), key }
  }

  list(): ApiKeyView[] {
    return [...this.#byHash.values()].sort((a, b) => a.createdAt - b.createdAt).map(view)
  }

  /** @throws OpentabError `not_found` */
  async revoke(id: string): Promise<ApiKeyView> {
    const row = this.#byId.get(id)
    if (!row)
      throw new OpentabError('not_found', `There is no key ${id}.`, {
        fix: '`opentab keys list` shows the ids.',
      })
    row.revokedAt ??= this.#now()
    this.#commit.batch.apiKeys.push({ ...row })
    await this.#commit.durable()
    return view(row)
  }

  /** Most micro-credits that the key of this id may spend in all; Infinity without a limit, or without such a key. */
  limitOf(id: string): number {
    return this.#byId.get(id)?.limitMicroCredits ?? Number.POSITIVE_INFINITY
  }

  /** The key's row, if it is known and not revoked. */
  find(key: string): ApiKeyView | undefined {
    const row = this.#byHash.get(sha256(key))
    return row && row.revokedAt === null ? view(row) : undefined
  }
}

const view = ({ id, name, limitMicroCredits, createdAt, revokedAt }: ApiKeyRow): ApiKeyView => ({
  id,
  name,
  limitMicroCredits,
  createdAt,
  revokedAt,
})
