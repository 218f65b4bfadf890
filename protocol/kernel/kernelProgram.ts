import { type Datatype, datatypes, elementCount } from '../tensor.ts'

/** One buffer that a program binds. */
export interface KernelBinding {
  /** Name of the tensor: an input, an output or both. */
  name: string
  /** Index of the bind group; 0 where absent. */
  group?: number
  binding: number
  type: 'uniform' | 'read-only-storage' | 'storage'
  datatype: Datatype
  /** Row-major, outermost dimension first. */
  shape: readonly number[]
}

/** A kernel as someone writes it: one program, one dispatch. Inputs that are not given are zeros. */
export interface KernelProgram {
  /** WGSL text. */
  program: string
  entryPoint: string
  bindings: readonly KernelBinding[]
  /** Values of the program's `override` constants, by name or `@id`. */
  overrides: Readonly<Record<string, number>>
  /** Workgroups in x, y and z. */
  dispatch: readonly [number, number, number]
}

/** The rules of the gate, by name. */
export const kernelRules = {
  size: 'The program has at most 65,536 bytes of UTF-8 and 12,288 tokens, names of at most 256 and numbers of at most 64 characters, at most 256 functions, 256 loops and 128 of `case`, and at most 24,576 tokens where each call is written out.',
  text: 'Outside of comments a program is ASCII, besides a byte order mark before it; names do not begin with `opentab_`.',
  syntax: 'The program is WGSL.',
  nesting:
    'Brackets are nested at most 100 deep, types at most 16 deep, and a statement has at most 64 of `<`.',
  entry: 'The entry point is a compute shader of the program.',
  override:
    'Every override has a value, and every value given is that of an override, by its `@id` of plain digits where it has one, and fits its type.',
  workgroup: 'A workgroup has at most 256 x 256 x 64 and 256 invocations in all.',
  memory:
    'Workgroup variables take at most 16,384 bytes together, those of `var<private>` and constant arrays and structs 8,192, and arrays and structs of functions 8,192 along any way of calls.',
  binding:
    'The program and the job bind the same buffers, with the same kind of access, large enough for their types.',
  resource: 'A program binds uniform and storage buffers only.',
  buffers:
    'There are at most 16 buffers, of at most 128 MiB each and 256 MiB together; a uniform has at most 65,536 bytes.',
  dispatch: 'Each dimension of a dispatch is 1 to 65,535 workgroups.',
  recursion: 'No function calls itself, directly or through others.',
  work: 'What all invocations may do fits the time budget.',
  compile:
    'With each call written out, the program takes a software adapter at most 1,900 ms to compile, as the gate prices it: words of workgroup memory, array elements, loops and branches are dear.',
} as const
export type KernelRule = keyof typeof kernelRules

/** Why a kernel is refused. Lines and columns count from 1, columns in UTF-16 units. */
export interface KernelRefusal {
  line: number
  column: number
  rule: KernelRule
  message: string
}

/**
 * Time that one dispatch may take, as work: one token of WGSL run once is 1, an array element 4, a quotient or rest 8,
 * `exp` and its kin 16, barriers and atomics 1,024, each word of a value larger than a vector 1 more. Invocations count in groups of 32.
 */
export interface KernelLimits {
  /** Of all invocations together. */
  work: number
  /** Of one invocation, whose steps come one after the other. */
  serialWork: number
}

/**
 * What the gate lets through where the device is not known: about a second of a slow integrated GPU, of which one invocation
 * does some 3 * 10^7 in a second where it waits for memory. A tab measures its device and takes less
 * (engine/gpu/measureLimits.ts): a software adapter does some 10^9 in a second.
 */
export const kernelLimits: KernelLimits = { work: 2 ** 37, serialWork: 2 ** 25 }

export const MAX_PROGRAM_BYTES = 65_536
/** Of the text as it stands: a reader takes some microseconds for each. The largest program of the library has 2,000. */
export const MAX_TOKENS = 12_288
export const MAX_NAME_CHARACTERS = 256
export const MAX_NUMBER_CHARACTERS = 64
export const MAX_FUNCTIONS = 256
/**
 * Tokens of the program with every call written out: what a compiler that inlines has to take, a software adapter's 1 s for
 * 16,384 and more than 8 s for 65,536. The largest program of the library has 16,547.
 */
export const MAX_EXPANDED_TOKENS = 24_576
/**
 * Of the entry point with every call written out, on a software adapter with nothing else to do (compilePrices.ts). The library's
 * largest programs, whose workgroup memory is all that a workgroup may have, take as much.
 */
export const MAX_COMPILE_MS = 1_900
export const MAX_LOOPS = 256
/** Of all `switch`: compilers take time by the square of them, a software adapter's 2 s for 200. */
export const MAX_CASES = 128
export const MAX_NESTING = 100
export const MAX_KERNEL_BUFFERS = 16
export const MAX_BUFFER_BYTES = 128 * 1024 * 1024
export const MAX_KERNEL_BYTES = 256 * 1024 * 1024
export const MAX_UNIFORM_BYTES = 65_536
export const MAX_WORKGROUP_BYTES = 16_384
/** Of `var<private>` and the module's constants together, and of the variables of functions together along any way of calls. */
export const MAX_INVOCATION_BYTES = 8_192
export const MAX_WORKGROUPS = 65_535
/** Name that a tab whose contributor lets custom kernels run puts among the kernels of its hello. */
export const CUSTOM_KERNELS = 'custom'

/** Bytes of the buffer that a binding takes. */
export const bindingBytes = ({ datatype, shape }: Pick<KernelBinding, 'datatype' | 'shape'>): number =>
  elementCount(shape) * datatypes[datatype].bytes

/** What a tab waits for compiling, and for one measurement or run, ms; then the device is ended. A run's budget is meant for two seconds. */
export const KERNEL_STEP_MS = 5_000
/** Measurements of a timed run begin no more after this time, ms. */
export const KERNEL_TIMED_MS = 3_000
