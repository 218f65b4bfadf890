import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../server/config.ts'

const namesOf = (pattern: string, ending: string): string[] =>
  globSync(pattern, { cwd: projectRoot })
    .map((file) => basename(file, ending))
    .sort()

/** Benchmarks: `bench/NAME.bench.ts`. */
export const benchNames = (): string[] => namesOf('bench/*.bench.ts', '.bench.ts')
/** Long runs: `bench/soak/NAME.soak.ts`. */
export const soakNames = (): string[] => namesOf('bench/soak/*.soak.ts', '.soak.ts')

/** The default export of a benchmark or a long run: a function of `{scale, rounds}`. */
export async function loadProgram(file: string): Promise<(options: ProgramOptions) => Promise<unknown>> {
  const module: unknown = await import(pathToFileURL(join(projectRoot, file)).href)
  const run: unknown = Reflect.get(Object(module), 'default')
  if (typeof run !== 'function') throw new Error(`${file} exports no function by default.`)
  return async (options) => Reflect.apply(run, undefined, [options])
}

export interface ProgramOptions {
  /** Share of the full amount of work, over 0 and at most 1. */
  scale?: number
  /** Rounds in which the sides of a benchmark take turns. */
  rounds?: number
  /** Adapter that WebGPU runs on, for the benchmark of kernels: `any`, `software` or `hardware`. */
  adapter?: string
}
