/**
 * How a result was judged. Of a custom kernel: `replica` where a tab of another account found the same, `reference` where only
 * the requester's own reference says so, `unverified` where neither does.
 */
export const verdicts = [
  'freivalds',
  'recomputed',
  'replica',
  'reference',
  'referee',
  'text-scored',
  'unsampled',
  'unverified',
  'rejected',
] as const
export type Verdict = (typeof verdicts)[number]

/** The signed statement of who did what: one entry of the ledger's transparency log. */
export interface Receipt {
  v: 1
  /** Opaque id, made with the lease. */
  id: string
  /** Origin of the log, e.g. `opentab-1f2e3d4c/log`. */
  relay: string
  /** Opaque task id. */
  task: string
  kind: 'infer' | 'generate' | 'stage' | 'kernel' | 'custom'
  /** SHA-256 of the model's manifest or the kernel's descriptor or program, hex. */
  subject: string
  /** SHA-256(32-byte salt || input bytes), hex. */
  input: string
  /** SHA-256(32-byte salt || output bytes), hex. */
  output: string
  /** u32 seed of the task, where it has one. */
  seed: number | null
  deviceClass: string
  lane: 'exact' | 'float'
  verdict: Verdict
  /** Canonical operations of the task's specification; one multiply-add = 2. */
  operations: number
  /** Credit, integer micro-credits as a decimal string; "0" when rejected. */
  microCredits: string
  /** EIP-55 address. */
  account: string
  /** Id of the account's previous receipt; null for the first. */
  previous: string | null
}

/**
 * RFC 8785 canonical JSON of a receipt. The key order below is the sorted one. Fields whose alphabet is fixed by their
 * maker (hex, ids, addresses, verdicts, decimal strings) need no escapes; the others and the numbers are written by
 * JSON.stringify, which RFC 8785 section 3.2.2 is defined by. A test compares it with an independent implementation.
 */
export function encodeReceipt(r: Receipt): string {
  const previous = r.previous === null ? 'null' : `"${r.previous}"`
  return (
    `{"account":"${r.account}","deviceClass":${JSON.stringify(r.deviceClass)},"id":"${r.id}","input":"${r.input}",` +
    `"kind":"${r.kind}","lane":"${r.lane}","microCredits":"${r.microCredits}","operations":${JSON.stringify(r.operations)},` +
    `"output":"${r.output}","previous":${previous},"relay":${JSON.stringify(r.relay)},"seed":${r.seed},` +
    `"subject":"${r.subject}","task":"${r.task}","v":${r.v},"verdict":"${r.verdict}"}`
  )
}
