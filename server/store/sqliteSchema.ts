import type { DatabaseSync } from 'node:sqlite'

/**
 * The tables. `micro_credits` are integers; times are epoch milliseconds; hashes are lower-case hex except inside
 * the log's blobs. Each migration is one step; `user_version` says how many were made.
 */
const migrations = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- What requesters asked for. Task ids are seq * 8192 + index.
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    secret TEXT NOT NULL,
    requester TEXT NOT NULL,
    kind TEXT NOT NULL,
    mode TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    answer TEXT,
    error TEXT,
    ended_at INTEGER,
    tasks INTEGER
  );
  CREATE INDEX open_jobs ON jobs (seq) WHERE state = 'open';
  CREATE INDEX ended_jobs ON jobs (ended_at) WHERE state <> 'open';

  -- Verified tasks: written once, with their transfer and their log entry, in one transaction.
  CREATE TABLE tasks (
    task INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    outputs BLOB
  );
  CREATE TABLE rejections (
    task INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (task, generation)
  ) WITHOUT ROWID;
  CREATE TABLE attempts (task INTEGER PRIMARY KEY, failed INTEGER NOT NULL, vanished INTEGER NOT NULL);

  -- Double entry: one row takes from one account and gives to another. (kind, subject, credit) is the business id.
  CREATE TABLE transfers (
    kind INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    credit INTEGER NOT NULL,
    debit INTEGER NOT NULL,
    micro_credits INTEGER NOT NULL CHECK (micro_credits >= 0),
    at INTEGER NOT NULL,
    PRIMARY KEY (kind, subject, credit)
  ) WITHOUT ROWID;
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, balance INTEGER NOT NULL);
  CREATE TABLE payees (
    address TEXT PRIMARY KEY,
    completed INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    receipts INTEGER NOT NULL,
    latest TEXT,
    verified_since_reset INTEGER NOT NULL,
    banned INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    limit_micro_credits INTEGER,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) WITHOUT ROWID;

  -- The transparency log: entries in the blocks in which they were appended, and the tiles that are full.
  -- Indexes count over all logs of this file; the log of today starts at the meta value log_base.
  CREATE TABLE log_blocks (
    first_index INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    entries BLOB NOT NULL,
    leaf_hashes BLOB NOT NULL,
    at INTEGER NOT NULL
  );
  CREATE TABLE log_tiles (
    level INTEGER NOT NULL,
    n INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (level, n)
  );
  CREATE TABLE signatures (receipt TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, text TEXT NOT NULL);
  `,
  `
  -- How many tasks were verified and what all work was paid, kept up by every commit: counting the rows takes seconds.
  CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), tasks INTEGER NOT NULL, micro_credits INTEGER NOT NULL);
  INSERT INTO totals SELECT 1, (SELECT count(*) FROM tasks),
    (SELECT coalesce(sum(micro_credits), 0) FROM transfers WHERE kind = 1);
  `,
]

export function migrate(db: DatabaseSync): void {
  const { user_version: done } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  if (done > migrations.length) {
    throw new Error(
      `The data was written by a newer Opentab (schema ${done}, this version knows ${migrations.length}).`,
    )
  }
  for (let step = done; step < migrations.length; step++) {
    db.exec(`BEGIN IMMEDIATE; ${migrations[step]} PRAGMA user_version = ${step + 1}; COMMIT;`)
  }
}
