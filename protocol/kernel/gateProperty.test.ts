import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { libraryPrograms } from '../../shaders/fixtureLibraryPrograms.ts'
import { checkKernel } from './checkKernel.ts'
import { soundKernel } from './fixtureBrokenKernels.ts'
import { hostileKernels } from './fixtureHostileKernels.ts'
import { type KernelProgram, MAX_PROGRAM_BYTES } from './kernelProgram.ts'

/** Longest time that the gate computes for one program, ms. */
const GATE_MS = 200
/** Longest time that one property is looked into, ms. */
const LOOK_MS = 8_000

const words =
  'fn struct alias const override var let if else for while loop switch case default continuing break return main f S A a b out i x u32 i32 f32 bool array vec4 vec3f mat4x4f ptr atomic function private storage workgroup uniform read read_write id group binding compute workgroup_size size align enable f16 0 1u 2 3.5 0x7f 1e9 ( ) [ ] { } < > , ; : . @ = == != <= >= + - * / % & | ^ ! ~ && || ++ -- += >>= << -> // /* */ min max workgroupBarrier barrier( @compute @workgroup_size(64)'.split(
    ' ',
  )
const soup = (most: number) =>
  fc.array(fc.constantFrom(...words), { maxLength: most }).map((of) => of.join(' '))

/** What the gate says must be a verdict, soon, and of a line of the program. */
function judge(job: KernelProgram): void {
  const before = process.threadCpuUsage()
  const verdict = checkKernel(job)
  const { user, system } = process.threadCpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(GATE_MS)
  if (verdict.ok) return
  expect(verdict.refusals.length).toBeGreaterThan(0)
  for (const { line, column } of verdict.refusals) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(job.program.split('\n').length)
    expect(column).toBeGreaterThanOrEqual(1)
  }
}

const looks = { numRuns: 2_000, interruptAfterTimeLimit: LOOK_MS, endOnFailure: true }

describe('the gate', { timeout: 2 * LOOK_MS }, () => {
  it('answers to any row of tokens', () => {
    fc.assert(
      fc.property(soup(80), soup(20), (program, body) => {
        judge({ ...soundKernel, program })
        judge({ ...soundKernel, program: `@compute @workgroup_size(1) fn main() { ${program} }\n${body}` })
      }),
      looks,
    )
  })

  it('answers to tokens again and again, up to the longest program', () => {
    fc.assert(
      fc.property(soup(4), soup(4), soup(8), fc.boolean(), (first, last, middle, isInside) => {
        const length = first.length + last.length + 2
        const times = Math.floor((MAX_PROGRAM_BYTES - middle.length - 100) / length)
        const text = `${`${first} `.repeat(times)}${middle}${` ${last}`.repeat(times)}`
        judge({
          ...soundKernel,
          program: isInside ? `@compute @workgroup_size(1) fn main() { ${text} }` : text,
        })
      }),
      looks,
    )
  })

  it('answers to programs of the library, and to those that mean harm, with pieces moved about', () => {
    const programs: readonly KernelProgram[] = [
      ...libraryPrograms,
      ...hostileKernels.filter(({ program }) => program.length < 20_000),
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...programs),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), soup(3), fc.nat(3)), {
          minLength: 1,
          maxLength: 4,
        }),
        (job, changes) => {
          const pieces = job.program.split(/\b/)
          for (const [where, length, text, times] of changes) {
            const at = Math.floor(where * pieces.length)
            const taken = pieces.splice(at, length, text)
            for (let i = 0; i < times; i++) pieces.splice(at, 0, ...taken)
          }
          judge({ ...job, program: pieces.join('') })
        },
      ),
      looks,
    )
  })
})
