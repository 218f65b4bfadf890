import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FixtureRelay, newDataFolder, smallProduct } from '../../server/fixtureRelay.ts'
import { DATABASE } from '../../server/ops/backup.ts'
import { auditData } from './auditData.ts'

const ADDRESS = `0x${'12'.repeat(20)}`
let data: string
const folders: string[] = []
beforeAll(async () => {
  const relay = await FixtureRelay.open()
  data = relay.config.DATA
  folders.push(data)
  const tab = await relay.tab(ADDRESS)
  const tasks = [1, 2, 3].map((seed) => smallProduct(seed, 1))
  await relay.ended(await relay.submit({ kind: 'batch', tasks }))
  await relay.until(`/v1/accounts/${ADDRESS}`, ({ json }) => json.credits.settled === '3')
  tab.leave()
  await tab.closed
  await relay.close({ keepData: true })
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** The audit of a copy in which this was changed. */
async function auditAfter(sql: string): Promise<unknown> {
  const copy = newDataFolder()
  folders.push(copy)
  cpSync(data, copy, { recursive: true })
  const db = new DatabaseSync(join(copy, DATABASE))
  db.exec(sql)
  db.close()
  return auditData(copy)
}

describe('the audit', () => {
  it('finds nothing wrong with a relay’s books', async () => {
    const audit = await auditData(data)
    expect(audit).toMatchObject({ jobs: { done: 1 }, verified: 3, rejected: 0, entries: 3 })
    expect([...audit.credits.values()]).toEqual([3])
  })

  it.each([
    [
      'a task paid twice',
      'INSERT INTO transfers SELECT kind, subject, 99, debit, micro_credits, at FROM transfers WHERE kind = 1 LIMIT 1',
      'is paid once',
    ],
    ['a task that is not paid', 'DELETE FROM transfers WHERE rowid_of = 1', 'is paid once'],
    ['a lost task', 'DELETE FROM tasks WHERE task = (SELECT max(task) FROM tasks)', 'is paid once'],
    ['a refund of what was delivered', 'INSERT INTO transfers VALUES (3, 1, 1, 98, 3, 0)', 'was refunded 3'],
    [
      'a balance that nobody paid',
      "UPDATE accounts SET balance = balance + 1 WHERE name LIKE 'settled:%'",
      'its transfers make',
    ],
    ['a total that nobody made', 'UPDATE totals SET tasks = tasks + 1', 'the totals are 4 and 3'],
    ['work that no total counts', 'UPDATE totals SET micro_credits = 0', 'the rows make 3 and 3'],
    [
      'a lost log block',
      'DELETE FROM log_blocks WHERE first_index = (SELECT max(first_index) FROM log_blocks)',
      'entries and there are',
    ],
    [
      'a changed log entry',
      "UPDATE log_blocks SET entries = CAST(replace(CAST(entries AS TEXT), 'freivalds', 'freivaldz') AS BLOB)",
      'leaf hash',
    ],
    ['a result that nobody has', 'UPDATE payees SET completed = completed + 1', 'results, the log'],
    [
      'a log behind its checkpoint',
      "UPDATE checkpoint SET text = replace(text, char(10) || '3' || char(10), char(10) || '4' || char(10))",
      'checkpoint over 4',
    ],
  ])('finds %s', async (_, sql, what) => {
    const change = sql.replace(
      'rowid_of = 1',
      'kind = 1 AND subject = (SELECT min(subject) FROM transfers WHERE kind = 1)',
    )
    await expect(auditAfter(change)).rejects.toThrow(what)
  })

  it('finds a checkpoint that was shown and is not of this log', async () => {
    await expect(auditData(data, [{ size: 4, root: '' }])).rejects.toThrow('over 4 entries was shown')
    await expect(auditData(data, [{ size: 2, root: 'AAAA' }])).rejects.toThrow('had the root AAAA')
  })
})
