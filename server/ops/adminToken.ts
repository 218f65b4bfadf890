import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The admin token: the configured one, else the one in DATA/admin-token, made on the first start (0600). */
export function adminToken(dataFolder: string, configured: string | null): string {
  if (configured !== null) return configured
  const file = join(dataFolder, 'admin-token')
  if (!existsSync(file))
    writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  return readFileSync(file, 'utf8').trim()
}
