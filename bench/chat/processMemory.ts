import { readdirSync, readFileSync } from 'node:fs'

/** Proportional memory of a process and all that it started, bytes: shared pages are counted once over all. Linux only. */
export function memoryOfTree(root: number): number {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It ended meanwhile.
    }
  }
  let bytes = 0
  for (const pid of parents.keys()) {
    let at: number | undefined = pid
    while (at !== undefined && at !== root) at = parents.get(at)
    if (at === root) bytes += proportional(pid)
  }
  return bytes
}

function proportional(pid: number): number {
  try {
    const [, kilobytes = '0'] =
      /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  } catch {
    return 0
  }
}
