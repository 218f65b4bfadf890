import { OpentabError } from '../../protocol/errors.ts'
import type { GroupCommit } from '../store/groupCommit.ts'
import {
  type AccountRow,
  type PayeeRow,
  type Snapshot,
  type Transfer,
  transferKinds,
} from '../store/store.ts'

/** Balances of one address, micro-credits. */
export interface Credits {
  pending: number
  escrow: number
  settled: number
  paid: number
}

/**
 * The double-entry ledger in memory; each change goes into the turn's batch. Accounts: `local` and `key:ID` pay,
 * `operator` pays for refunds and re-runs, `pending:0x..` and `settled:0x..` belong to contributors.
 * Amounts are integer micro-credits; the sum over all accounts is always zero.
 */
export class Ledger {
  readonly #commit: GroupCommit
  readonly #now: () => number
  readonly #accounts = new Map<string, AccountRow>()
  readonly #payees = new Map<string, PayeeRow>()
  readonly #changedAccounts = new Set<AccountRow>()
  readonly #changedPayees = new Set<PayeeRow>()
  readonly #unsettled = new Set<string>()
  #lastId = 0

  constructor(commit: GroupCommit, now: () => number, snapshot: Pick<Snapshot, 'accounts' | 'payees'>) {
    this.#commit = commit
    this.#now = now
    for (const account of snapshot.accounts) {
      this.#accounts.set(account.name, account)
      this.#lastId = Math.max(this.#lastId, account.id)
      if (account.balance > 0 && account.name.startsWith('pending:'))
        this.#unsettled.add(account.name.slice(8))
    }
    for (const payee of snapshot.payees) this.#payees.set(payee.address, payee)
    commit.beforeCommit('balances', (batch) => {
      for (const account of this.#changedAccounts) batch.accounts.push({ ...account })
      for (const payee of this.#changedPayees) batch.payees.push({ ...payee })
      this.#changedAccounts.clear()
      this.#changedPayees.clear()
    })
  }

  #account(name: string): AccountRow {
    let account = this.#accounts.get(name)
    if (!account) {
      account = { id: ++this.#lastId, name, balance: 0 }
      this.#accounts.set(name, account)
      this.#changedAccounts.add(account)
    }
    return account
  }

  #transfer(kind: Transfer['kind'], subject: number, from: string, to: string, microCredits: number): void {
    if (!Number.isSafeInteger(microCredits) || microCredits < 0) {
      throw new OpentabError(
        'internal',
        `A transfer of ${microCredits} micro-credits from ${from} to ${to} is not an amount.`,
      )
    }
    const debit = this.#account(from)
    const credit = this.#account(to)
    debit.balance -= microCredits
    credit.balance += microCredits
    this.#changedAccounts.add(debit)
    this.#changedAccounts.add(credit)
    this.#commit.batch.transfers.push({
      kind,
      subject,
      debit: debit.id,
      credit: credit.id,
      microCredits,
      at: this.#now(),
    })
  }

  /** Pays for a verified task: requester to contributor, pending until a published checkpoint covers its receipt. */
  payForWork(task: number, requester: string, address: string, microCredits: number): void {
    this.#transfer(transferKinds.work, task, requester, `pending:${address}`, microCredits)
    this.#unsettled.add(address)
  }

  /** Gives the requester back what a job that was not delivered cost; the operator bears it. */
  refund(jobSeq: number, requester: string, microCredits: number): void {
    if (microCredits > 0) this.#transfer(transferKinds.refund, jobSeq, 'operator', requester, microCredits)
  }

  /**
   * Settles every pending credit: called when a checkpoint over all receipts so far is published. `entries` counts
   * them over all logs, those before a restore included: no number settles twice.
   */
  settle(entries: number): string[] {
    const settled: string[] = []
    for (const address of this.#unsettled) {
      const pending = this.#account(`pending:${address}`)
      if (pending.balance <= 0) continue
      this.#transfer(transferKinds.settle, entries, pending.name, `settled:${address}`, pending.balance)
      settled.push(address)
    }
    this.#unsettled.clear()
    return settled
  }

  get hasUnsettled(): boolean {
    return this.#unsettled.size > 0
  }

  /** The contributor's row, made on first sight. Call `touch` after changing it. */
  payee(address: string): PayeeRow {
    let payee = this.#payees.get(address)
    if (!payee) {
      payee = {
        address,
        completed: 0,
        rejected: 0,
        receipts: 0,
        latest: null,
        verifiedSinceReset: 0,
        banned: false,
      }
      this.#payees.set(address, payee)
    }
    return payee
  }

  knownPayee(address: string): PayeeRow | undefined {
    return this.#payees.get(address)
  }

  touch(payee: PayeeRow): void {
    this.#changedPayees.add(payee)
    this.#commit.request()
  }

  credits(address: string): Credits {
    return {
      pending: this.balance(`pending:${address}`),
      escrow: 0,
      settled: this.balance(`settled:${address}`),
      paid: 0,
    }
  }

  balance(account: string): number {
    return this.#accounts.get(account)?.balance ?? 0
  }

  /** Zero, always. */
  sum(): number {
    let sum = 0
    for (const account of this.#accounts.values()) sum += account.balance
    return sum
  }
}
