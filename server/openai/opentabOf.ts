import { receiptsDue } from '../jobs/jobReceipts.ts'
import type { Job } from '../jobs/jobRecords.ts'

/** What answers in JSON say of themselves beside OpenAI's fields. */
export interface OpentabPart {
  /** Receipts of the job's tasks; of a stream also of those whose check is still due. */
  receipts: string[]
  /** Key from which the salts of these receipts' input and output hashes come. */
  saltKey: string
}

export const opentabOf = (job: Job): OpentabPart => ({ receipts: receiptsDue(job), saltKey: job.saltKey })
