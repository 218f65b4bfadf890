import { boundLoops, type EndMark, hasCountedLoops } from './boundLoops.ts'
import { compileFault } from './compileTime.ts'
import {
  type At,
  bindingFaults,
  bufferFaults,
  dispatchFaults,
  memoryFaults,
  productOf,
  sizeFaults,
  type WorkgroupSize,
  workgroupSizeAt,
  workgroupSizeOf,
} from './kernelFaults.ts'
import { type KernelLimits, type KernelProgram, type KernelRefusal, kernelLimits } from './kernelProgram.ts'
import { type WorkOf, workOf } from './kernelWork.ts'
import type { ProgramOutline } from './programOutline.ts'
import { overrideFaults } from './programOverrides.ts'
import { programTypes } from './programTypes.ts'
import { programValues } from './programValues.ts'
import { readProgram } from './readProgram.ts'
import { reflectProgram } from './reflectProgram.ts'
import { refusalAt } from './wgslText.ts'

/** A kernel that may run, as it is to be compiled. */
export interface CheckedKernel {
  ok: true
  /** The program without its comments and with a count in its loops; lines are those of the original. */
  program: string
  /** Where the program marks that its iterations were used up; null where it has no such loops. */
  mark: EndMark | null
  /** Iterations that an invocation may make; null where all loops are known. */
  iterations: number | null
  workgroupSize: readonly [number, number, number]
  /** Of the whole dispatch. */
  invocations: number
  /** The most that one invocation can do, in the units of KernelLimits. */
  serialWork: number
}

export interface RefusedKernel {
  ok: false
  /** At least one, in the order of their lines. */
  refusals: readonly KernelRefusal[]
}

/** Fewest iterations that are worth starting for, where the loops' ends are not known. */
const LEAST_ITERATIONS = 64
const MOST_ITERATIONS = 2 ** 24
/** Most refusals that are told at once. */
const MOST_REFUSALS = 32

/**
 * The gate: the one judge of programs that others wrote, in the lab, at the relay and in the tab.
 * @param limits time budget; a tab gives that of its device
 */
export function checkKernel(
  job: KernelProgram,
  limits: KernelLimits = kernelLimits,
): CheckedKernel | RefusedKernel {
  const refuse = (refusal: KernelRefusal): RefusedKernel => ({ ok: false, refusals: [refusal] })
  const read = readProgram(job)
  if ('refusal' in read) return refuse(read.refusal)
  const { code, tokens, closes, constants, constantNamed, outline } = read
  const reflection = reflectProgram(code, tokens, job.entryPoint)
  if ('message' in reflection) {
    const { line, message } = reflection
    const indent = /^\s*/.exec(code.split('\n')[line - 1] ?? '')![0].length
    return refuse({ line, column: indent + 1, rule: 'syntax', message })
  }
  const { program } = reflection
  const entry = outline.functions.get(job.entryPoint)
  if (!entry || !program.entryPoints.includes(job.entryPoint)) {
    const there = program.entryPoints.join(', ') || 'none'
    return refuse(
      refusalAt(
        code,
        0,
        'entry',
        `There is no compute shader ${job.entryPoint.slice(0, 80)}; the program has ${there}.`,
      ),
    )
  }
  const entryAt = tokens[entry.token]!.at
  const sizeAt = workgroupSizeAt(tokens, entry)
  const size = workgroupSizeOf(tokens, sizeAt, closes, constantNamed)
  const at: At = (place, rule, message) => ({ place, rule, message })
  const values = programValues(outline, closes, programTypes(tokens, constantNamed))
  const faults = [
    ...overrideFaults(constants, job, at),
    ...sizeFaults(size, tokens[sizeAt ?? entry.token]!.at, at),
    ...dispatchFaults(job, entryAt, at),
    ...memoryFaults(outline, values, at),
    ...bufferFaults(job, entryAt, at),
    ...bindingFaults(tokens, program, job, entryAt, at),
  ]
  if (faults.length > 0) {
    const first = faults.sort((a, b) => a.place - b.place).slice(0, MOST_REFUSALS)
    return {
      ok: false,
      refusals: first.map(({ place, rule, message }) => refusalAt(code, place, rule, message)),
    }
  }
  const work = workOf(outline, values, job.entryPoint, size!)
  const checked = bounded(job, code, outline, work, size!, limits)
  if (!checked) return refuse(workRefusal(job, code, outline, work, entryAt, size!, limits))
  const slow = compileFault(outline, values, job.entryPoint, at)
  return slow ? refuse(refusalAt(code, slow.place, slow.rule, slow.message)) : checked
}

/** Invocations that a device runs side by side, whether a workgroup has so many or not. */
const LANES = 32

function serialLimit(job: KernelProgram, size: WorkgroupSize, { work, serialWork }: KernelLimits): number {
  const lanes = Math.ceil(productOf(size) / LANES) * LANES
  return Math.min(serialWork, work / (productOf(job.dispatch) * lanes))
}

/** The program with the most iterations that fit; null where too few do. */
function bounded(
  job: KernelProgram,
  code: string,
  outline: ProgramOutline,
  work: WorkOf,
  workgroupSize: WorkgroupSize,
  limits: KernelLimits,
): CheckedKernel | null {
  const most = serialLimit(job, workgroupSize, limits)
  const invocations = productOf(job.dispatch) * productOf(workgroupSize)
  if (!hasCountedLoops(outline)) {
    const serialWork = work(0)
    if (serialWork > most) return null
    return { ok: true, program: code, mark: null, iterations: null, workgroupSize, invocations, serialWork }
  }
  if (work(LEAST_ITERATIONS) > most) return null
  let [iterations, tooMany] = [LEAST_ITERATIONS, MOST_ITERATIONS + 1]
  while (tooMany - iterations > 1) {
    const middle = Math.floor((iterations + tooMany) / 2)
    if (work(middle) <= most) iterations = middle
    else tooMany = middle
  }
  const mark: EndMark = { group: 1 + Math.max(0, ...job.bindings.map(({ group = 0 }) => group)), binding: 0 }
  const program = boundLoops(code, outline, iterations, mark)
  return { ok: true, program, mark, iterations, workgroupSize, invocations, serialWork: work(iterations) }
}

function workRefusal(
  job: KernelProgram,
  code: string,
  outline: ProgramOutline,
  work: WorkOf,
  entryAt: number,
  size: WorkgroupSize,
  limits: KernelLimits,
): KernelRefusal {
  const least = work(hasCountedLoops(outline) ? LEAST_ITERATIONS : 0)
  const invocations = productOf(job.dispatch) * productOf(size)
  const most = Math.floor(serialLimit(job, size, limits))
  return refusalAt(
    code,
    entryAt,
    'work',
    `${invocations} invocations of up to ${least} steps do not fit the time budget, which leaves ${most} to each.`,
  )
}
