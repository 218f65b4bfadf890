import type { KernelBinding, KernelProgram, KernelRule } from './kernelProgram.ts'

/**
 * What a hostile kernel comes to: refused by the gate under a rule, ended by its budget, refused by the compiler, or run to
 * its end without harm.
 */
export type HostileFate = { refused: KernelRule } | 'ended' | 'not-compiled' | 'harmless'

export interface HostileKernel extends KernelProgram {
  name: string
  /** Of those that a device may treat one way or another, both. */
  fate: HostileFate | readonly HostileFate[]
}

const words = (
  name: string,
  binding: number,
  type: KernelBinding['type'] = 'storage',
  count = 256,
): KernelBinding => ({
  name,
  binding,
  type,
  datatype: 'UINT32',
  shape: [count],
})
const out = words('out', 0)
const OUT = '@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n'
const MAIN =
  '@compute @workgroup_size(64)\nfn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {\n'

/** A kernel whose body is given; it writes to `out`: u32[256]. */
const kernel = (
  name: string,
  fate: HostileKernel['fate'],
  body: string,
  { before = '', ...more }: Partial<KernelProgram> & { before?: string } = {},
): HostileKernel => ({
  name,
  fate,
  program: `${OUT}${before}\n${MAIN}${body}\n}\n`,
  entryPoint: 'main',
  bindings: [out],
  overrides: {},
  dispatch: [4, 1, 1],
  ...more,
})

const refused = (rule: KernelRule): HostileFate => ({ refused: rule })
const repeat = (count: number, text: string | ((i: number) => string)): string =>
  Array.from({ length: count }, (_, i) => (typeof text === 'string' ? text : text(i))).join('')

const loops: HostileKernel[] = [
  kernel('a loop without a way out', 'ended', 'loop { out[id.x] += 1u; }'),
  kernel('while true', 'ended', 'while (true) { out[id.x] += 1u; }'),
  kernel('for without a head', 'ended', 'for (;;) { out[id.x] += 1u; }'),
  kernel('for without a step', 'ended', 'for (var i = 0u; i < 10u;) { out[id.x] = i; }'),
  kernel('a counter that is set back', 'ended', 'for (var i = 0u; i < 10u; i++) { out[id.x] = i; i = 0u; }'),
  kernel(
    'a counter that is set back through a pointer',
    'ended',
    'for (var i = 0u; i < 10u; i++) { let p = &i; *p = 0u; out[id.x] = i; }',
  ),
  kernel(
    'a counter that is set back in a function',
    'ended',
    'for (var i = 0u; i < 10u; i++) { back(&i); out[id.x] = i; }',
    {
      before: 'fn back(p: ptr<function, u32>) { *p = 0u; }',
    },
  ),
  kernel('u32 is always zero or more', 'ended', 'for (var i = 10u; i >= 0u; i--) { out[id.x] = i; }'),
  kernel('a step of nothing', 'ended', 'for (var i = 0u; i < 10u; i += 0u) { out[id.x] = i; }'),
  kernel(
    'a step that wraps round',
    ['ended', 'harmless'],
    'for (var i = 8u; i < 10u; i += 4294967295u) { out[id.x] = i; }',
  ),
  kernel(
    'a bound that nothing passes',
    'ended',
    'for (var i = 0u; i <= 4294967295u; i++) { out[id.x] = i; }',
  ),
  kernel('a product that stays zero', 'ended', 'for (var i = 0u; i < 10u; i *= 2u) { out[id.x] = i; }'),
  kernel(
    'halving a number below zero',
    ['ended', 'harmless'],
    'for (var i = -5; i != 0; i >>= 1u) { out[id.x] = u32(i); }',
  ),
  kernel(
    'continue for ever',
    'ended',
    'var i = 0u; while (i < 10u) { out[id.x] += 1u; if (out[id.x] > 0u) { continue; } i++; }',
  ),
  kernel(
    'continuing that never breaks',
    'ended',
    'loop { out[id.x] += 1u; continuing { break if out[id.x] == 0u; } }',
  ),
  kernel(
    'a loop in continuing',
    'ended',
    'loop { if (id.x > 1000000u) { break; } continuing { while (true) { out[id.x] += 1u; } } }',
  ),
  kernel(
    'a loop in a switch',
    'ended',
    'switch (lane & 1u) { case 0u: { loop { out[id.x] += 1u; } } default: { while (true) { out[id.x] += 2u; } } }',
  ),
  kernel(
    'loops in loops in loops',
    'ended',
    `${repeat(12, 'while (true) {')} out[id.x] += 1u; ${repeat(12, '}')}`,
  ),
  kernel('a loop in a function', 'ended', 'forever(id.x);', {
    before: 'fn forever(at: u32) { loop { out[at] += 1u; } }',
  }),
  kernel('a loop in a function that returns', 'ended', 'out[id.x] = forever(id.x);', {
    before:
      'fn forever(at: u32) -> u32 { loop { if (out[at] == 4294967295u) { return out[at]; } out[at] = 1u; } }',
  }),
  kernel('a loop in a function that returns a vector', 'ended', 'out[id.x] = forever(id.x).y;', {
    before: 'fn forever(at: u32) -> vec4<u32> { while (true) { out[at] += 1u; } return vec4u(); }',
  }),
  kernel(
    'a sum that stands still',
    'ended',
    'var x = 16777216f; while (x < 16777300f) { x += 0.5f; out[id.x] += 1u; }',
  ),
  kernel(
    'waiting for a number that is none to be itself',
    ['ended', 'harmless'],
    'var x = bitcast<f32>(out[id.x] + 0x7fc00000u); while (x != x) { out[id.x] = 0u; }',
  ),
  kernel('only one invocation loops', 'ended', 'if (lane == 63u) { while (true) { out[id.x] += 1u; } }'),
  kernel(
    'a bound from memory',
    ['ended', 'harmless'],
    'for (var i = 0u; i < out[7] - 1u; i++) { out[id.x] = 0u; }',
  ),
  kernel(
    'a bound that hides a constant',
    'ended',
    'let few = out[3] - 1u; for (var i = 0u; i < few; i++) { out[id.x] = 0u; }',
    {
      before: 'const few = 3u;',
    },
  ),
  kernel('waiting on a lock', 'ended', 'while (atomicLoad(&lock) == 0u) {} out[id.x] = 1u;', {
    before: 'var<workgroup> lock: atomic<u32>;',
  }),
  kernel(
    'a lock that nobody opens',
    'ended',
    'loop { if (atomicCompareExchangeWeak(&lock, 0u, 1u).exchanged) { break; } } out[id.x] = 1u;',
    {
      before: 'var<workgroup> lock: atomic<u32>;',
    },
  ),
  kernel(
    'barriers for ever',
    'ended',
    'loop { shared_[lane] += 1u; workgroupBarrier(); out[id.x] = shared_[0]; }',
    {
      before: 'var<workgroup> shared_: array<u32, 64>;',
    },
  ),
  kernel(
    'barriers up to a bound from a uniform',
    'ended',
    'for (var i = 0u; i <= bound; i++) { shared_[lane] += i; workgroupBarrier(); } out[id.x] = shared_[lane];',
    {
      before:
        'var<workgroup> shared_: array<u32, 64>;\n@group(0) @binding(1) var<uniform> top: vec4u;\nconst bound = 4294967295u;\nfn keep() -> u32 { return top.x; }',
      bindings: [out],
    },
  ),
  kernel(
    'loops for ever before and between barriers',
    'ended',
    'for (var n = out[1]; n < 9u; n = out[1]) { out[2] = n; } loop { workgroupBarrier(); while (true) { out[id.x] += 1u; } }',
  ),
  kernel('barriers in loops in loops', 'ended', 'loop { loop { workgroupBarrier(); out[id.x] += 1u; } }'),
  kernel(
    'a function with barriers, for ever',
    ['ended', { refused: 'work' }],
    'loop { step(lane); out[id.x] = shared_[0]; }',
    {
      before:
        'var<workgroup> shared_: array<u32, 64>;\nfn step(lane: u32) { loop { shared_[lane] += 1u; workgroupBarrier(); } }',
    },
  ),
  kernel(
    'a function that says for ever which barriers are met',
    ['ended', { refused: 'work' }],
    'loop { if (spin(top[1]) > 6u) { workgroupBarrier(); } out[id.x] += 1u; }',
    {
      before:
        '@group(0) @binding(1) var<storage, read> top: array<u32>;\nfn spin(n: u32) -> u32 { var s = n; while (s < 9u) { s = n; } return s; }',
      bindings: [out, words('top', 1, 'read-only-storage')],
    },
  ),
  kernel(
    'waiting for another workgroup',
    'ended',
    'if (id.x < 64u) { while (atomicLoad(&flag[0]) == 0u) {} } else { while (atomicLoad(&flag[1]) == 0u) {} }',
    {
      program: `@group(0) @binding(0) var<storage, read_write> flag: array<atomic<u32>>;\n${MAIN}if (id.x < 64u) { while (atomicLoad(&flag[0]) == 0u) {} } else { while (atomicLoad(&flag[1]) == 0u) {} }\n}\n`,
    },
  ),
  kernel(
    'a loop behind a line separator',
    refused('text'),
    '// quiet \u2028 while (true) { out[id.x] += 1u; }\n out[0] = 1u; \u2028 ',
  ),
  kernel(
    'a loop behind a next line',
    ['ended', { refused: 'text' }],
    '// quiet \u0085 while (true) { out[id.x] += 1u; }',
  ),
  kernel('a loop behind a nested comment', 'ended', '/* /* */ */ while (true) { out[id.x] += 1u; }'),
  kernel(
    'known loops, four deep',
    refused('work'),
    `${repeat(4, (i) => `for (var i${i} = 0u; i${i} < 60000u; i${i}++) {`)}out[id.x] += 1u;${repeat(4, '}')}`,
  ),
  kernel(
    'a counter set back in parentheses',
    'ended',
    'for (var i = 0u; i < 10u; i++) { out[id.x] = i; (i) = 0u; }',
  ),
  kernel(
    'a counter set back through a pointer in parentheses',
    'ended',
    'for (var i = 0u; i < 10u; i++) { let p = &(i); out[id.x] = i; *p = 0u; }',
  ),
  kernel(
    'a counter of halves that stands still',
    ['ended', 'not-compiled'],
    'for (var i: f16 = 0; i < 60000; i += 1) { out[id.x] = u32(i); }',
    {
      program: `enable f16;\n${OUT}${MAIN}for (var i: f16 = 0; i < 60000; i += 1) { out[id.x] = u32(i); }\n}\n`,
    },
  ),
  kernel('a constant of halves that stands still', ['ended', 'not-compiled'], '', {
    program: `enable f16;\nconst zero: f16 = 0;\n${OUT}${MAIN}for (var i = zero; i < 60000; i += 1) { out[id.x] = u32(i); }\n}\n`,
  }),
  kernel(
    'a product that wraps to nothing',
    'ended',
    'for (var i = 256u; i < 16777216u; i *= 16777216u) { out[id.x] = i; }',
  ),
  kernel(
    'a largest of two that lies',
    refused('syntax'),
    'for (var i = 0u; i < max(1u, 2u); i++) { out[id.x] = i; }',
    {
      before: 'fn max(a: u32, b: u32) -> u32 { return 4294967295u; }',
    },
  ),
  kernel(
    'an infinity that is halved',
    ['ended', { refused: 'work' }],
    'for (var i = bitcast<f32>(0x7f800000u | (out[0] & 0u)); i > 0; i /= 2) { out[id.x] += 1u; }',
  ),
  kernel(
    'an infinity that is halved by a constant',
    'ended',
    'for (var i = bitcast<f32>(0x7f800000u | (out[0] & 0u)); i > 0; i /= two) { out[id.x] += 1u; }',
    { before: 'const two = 2;' },
  ),
  kernel(
    'a counter that the condition sets back',
    'ended',
    'for (var i = 0u; i < min(9u, back(&i)); i++) { out[id.x] += 1u; }',
    { before: 'fn back(p: ptr<function, u32>) -> u32 { *p = 0u; return 5u; }' },
  ),
  kernel(
    'a bound below zero that is none',
    'ended',
    'for (var i = 0u; i < u32(-1i); i++) { out[id.x] += i; }',
  ),
  kernel(
    'a quotient of what wrapped round',
    ['ended', 'not-compiled'],
    'for (var i = 0u; i < (n - 6u) / 2u + 3u; i++) { out[id.x] += i; }',
    { before: 'override n = 1u;' },
  ),
  kernel(
    'a product of what wraps round',
    ['ended', 'not-compiled'],
    'for (var i = 0u; i < n * 65536u / 65536u - 1u; i++) { out[id.x] += i; }',
    { before: 'override n = 65536u;' },
  ),
  ...(
    [
      ['a condition', 'while (heavy(out[0]) != 12345u) { out[id.x] += 1u; }'],
      ['an update', 'for (;; out[id.x] = heavy(out[0])) { }'],
      [
        'a condition of a loop of known length',
        'for (var i = 0u; i < min(60000u, heavy(out[0])); i++) { out[id.x] += i; }',
      ],
      ['continuing', 'loop { continuing { out[id.x] = heavy(out[0]); } }'],
      ['break if', 'loop { out[id.x] += 1u; continuing { break if heavy(out[0]) == 12345u; } }'],
    ] as const
  ).map(([where, body]) =>
    kernel(`a dear function in ${where}`, refused('work'), body, {
      before:
        'fn heavy(x: u32) -> u32 { var s = x; for (var i = 0u; i < 60000u; i++) { s = s * 3u + out[s & 63u]; } return s; }',
    }),
  ),
  kernel(
    'a condition that waits for all',
    'ended',
    'while (workgroupUniformLoad(&one) == 0u) { out[id.x] += 1u; }',
    { before: 'var<workgroup> one: u32;' },
  ),
  kernel('ten thousand loops', refused('size'), 'loop{}'.repeat(10_000)),
  kernel(
    'rests of vectors in a loop of known length',
    refused('work'),
    `var v = vec4f(vec4u(lane)); let w = vec4f(vec4u(out[1])); for (var i = 0u; i < 60000u; i++) { v = v${repeat(100, ' % w')}; } out[id.x] = u32(v.x);`,
  ),
  kernel(
    'zeros that are counted in a loop of known length',
    refused('work'),
    `var v = vec4u(lane); for (var i = 0u; i < 60000u; i++) { v = ${repeat(50, 'countTrailingZeros(')}v${repeat(50, ')')} + i; } out[id.x] = v.x;`,
  ),
  kernel(
    'a switch of two hundred cases',
    refused('size'),
    `switch (out[lane]) { ${repeat(200, (i) => `case ${i}u: { out[${i}] += 1u; }`)} default: {} }`,
  ),
  kernel('thousands of constants', ['harmless', 'not-compiled'], 'out[0] = c0;', {
    before: repeat(2400, (i) => `const c${i} = 1u;\n`),
  }),
]

const calls: HostileKernel[] = [
  kernel(
    'calls that are 66,000 tokens where they are written out',
    refused('size'),
    'out[id.x] = f3(lane);',
    {
      before: `fn f0(a: u32) -> u32 { var s = a; ${repeat(32, 's = s * 3u + out[s & 255u];')} return s; }${repeat(
        3,
        (i) => `fn f${i + 1}(a: u32) -> u32 { var s = a; ${repeat(5, `s = f${i}(s);`)} return s; }`,
      )}`,
    },
  ),
  kernel('recursion', refused('recursion'), 'out[id.x] = down(id.x);', {
    before: 'fn down(n: u32) -> u32 { if (n == 0u) { return 0u; } return down(n - 1u); }',
  }),
  kernel('recursion by two', refused('recursion'), 'out[id.x] = a(id.x);', {
    before: 'fn a(n: u32) -> u32 { return b(n); }\nfn b(n: u32) -> u32 { return a(n); }',
  }),
  kernel('recursion of a function that nobody calls', refused('recursion'), 'out[id.x] = 1u;', {
    before: 'fn a() { b(); }\nfn b() { c(); }\nfn c() { a(); }',
  }),
  kernel('calls that double thirty times', refused('size'), 'out[id.x] = g29(id.x);', {
    before: `fn g0(n: u32) -> u32 { return n + 1u; }\n${repeat(29, (i) => `fn g${i + 1}(n: u32) -> u32 { return g${i}(n) + g${i}(n); }\n`)}`,
  }),
  kernel('sixty calls in a row', 'harmless', `out[id.x] = ${repeat(60, 'f(')}id.x${repeat(60, ')')};`, {
    before: 'fn f(n: u32) -> u32 { return n * 3u; }',
  }),
]

const texts: HostileKernel[] = [
  kernel('ten million characters', refused('size'), ' '.repeat(10_000_000)),
  kernel('ten million characters of comment', refused('size'), `// ${'x'.repeat(10_000_000)}`),
  kernel('a byte too many', refused('size'), 'x'.repeat(65_536)),
  kernel('letters of three bytes', refused('size'), `// ${'語'.repeat(25_000)}`),
  kernel(
    'two hundred parentheses',
    refused('nesting'),
    `out[id.x] = ${'('.repeat(200)}1u${')'.repeat(200)};`,
  ),
  kernel('two hundred blocks', refused('nesting'), `${'{'.repeat(200)}${'}'.repeat(200)}`),
  kernel('types in types', refused('nesting'), `var a: ${'array<'.repeat(2000)}u32${', 1>'.repeat(2000)};`),
  kernel(
    'twelve thousand minus signs',
    ['not-compiled', { refused: 'syntax' }],
    `let a = ${'- '.repeat(12_000)}1; out[0] = u32(a);`,
  ),
  kernel(
    'twelve hundred else ifs',
    ['not-compiled', 'harmless', { refused: 'syntax' }],
    `out[id.x] = 1u; if (lane == 0u) {} ${repeat(1200, (i) => `else if (lane==${i}u) {}`)}`,
  ),
  kernel(
    'a sum of five thousand',
    ['not-compiled', 'harmless', { refused: 'syntax' }],
    `out[id.x] = lane${'+1u'.repeat(5_000)};`,
  ),
  kernel('five thousand open angles', refused('nesting'), `out[0] = ${'a<'.repeat(5_000)}1;`),
  kernel('structs of two structs each, eighteen deep', refused('nesting'), 'out[0] = 1u;', {
    before: repeat(
      18,
      (i) => `struct S${i} { a: ${i ? `S${i - 1}` : 'u32'}, b: ${i ? `S${i - 1}` : 'u32'} }\n`,
    ),
  }),
  kernel('structs of two structs each, fourteen deep', refused('nesting'), 'out[0] = 1u;', {
    before: repeat(
      14,
      (i) => `struct S${i} { a: ${i ? `S${i - 1}` : 'u32'}, b: ${i ? `S${i - 1}` : 'u32'} }\n`,
    ),
  }),
  kernel('four hundred structs, one in the next', refused('nesting'), 'out[0] = 1u;', {
    before: repeat(400, (i) => `struct S${i} { a: ${i ? `S${i - 1}` : 'u32'} }\n`),
  }),
  kernel('four hundred aliases of each other', refused('nesting'), 'out[0] = 1u;', {
    before: repeat(400, (i) => `alias A${i} = ${i ? `A${i - 1}` : 'u32'};\n`),
  }),
  kernel('a struct of itself', refused('nesting'), 'out[0] = 1u;', {
    before: 'struct A { b: B }\nstruct B { a: A }',
  }),
  kernel('a type twice', refused('syntax'), 'out[0] = 1u;', {
    before: 'struct A { a: u32 }\nstruct A { a: f32 }',
  }),
  kernel('three thousand functions, each called by the next', refused('size'), 'g0(); out[0] = 1u;', {
    before: repeat(3000, (i) => `fn g${i}() { ${i < 2999 ? `g${i + 1}` : 'workgroupBarrier'}(); }\n`),
  }),
  kernel(
    'six thousand constants without an end',
    [{ refused: 'size' }, { refused: 'syntax' }],
    'out[0] = 1u;',
    {
      before: 'const a = '.repeat(6000),
    },
  ),
  kernel('twelve thousand signs of a constant', ['not-compiled', { refused: 'syntax' }], 'out[0] = 1u;', {
    before: `const a = ${'- '.repeat(12_000)}1;`,
  }),
  kernel('sixty thousand digits', refused('size'), `let a = ${'1'.repeat(60_000)};`),
  kernel(
    'two thousand members of a value',
    [{ refused: 'syntax' }, 'not-compiled'],
    `out[0] = out${'.x'.repeat(2000)};`,
  ),
  kernel(
    'two thousand pointers without an end',
    refused('syntax'),
    `${'bool @workgroup_size(64) '.repeat(1500)}${'ptr '.repeat(2000)}`,
  ),
  kernel('a name of our own', refused('text'), 'opentab_steps = 4294967295u;'),
  kernel(
    'a variable with a name of our own',
    refused('text'),
    'var opentab_rounds = 1u; out[0] = opentab_rounds;',
  ),
  kernel('a letter that is no ASCII', refused('text'), 'let größe = 1u; out[0] = größe;'),
  kernel('a null character', refused('text'), 'out[0] = 1u;\u0000'),
  kernel('a comment without an end', refused('syntax'), '/* out[0] = 1u;'),
  kernel(
    'names of what every JavaScript object has',
    'harmless',
    'out[id.x] = constructor(hasOwnProperty(id.x)) + toString.valueOf;',
    {
      before:
        'struct prototype { valueOf: u32 }\nvar<private> toString: prototype;\nfn constructor(n: u32) -> u32 { return n; }\nfn hasOwnProperty(n: u32) -> u32 { return n; }',
    },
  ),
]

const limits: HostileKernel[] = [
  kernel('thousands of bindings', [{ refused: 'size' }, { refused: 'binding' }], 'out[0] = v7;', {
    before: repeat(900, (i) => `@group(0) @binding(${i + 1}) var<uniform> v${i}: u32;\n`),
  }),
  kernel('thousands of bindings in the job', refused('buffers'), 'out[0] = 1u;', {
    bindings: Array.from({ length: 3000 }, (_, i) => words(`b${i}`, i)),
  }),
  kernel('seventeen buffers', refused('buffers'), 'out[0] = 1u;', {
    bindings: Array.from({ length: 17 }, (_, i) => words(`b${i}`, i)),
  }),
  kernel('three hundred mebibytes', refused('buffers'), 'out[0] = 1u;', {
    bindings: [
      out,
      words('a', 1, 'storage', 26e6),
      words('b', 2, 'storage', 26e6),
      words('c', 3, 'storage', 26e6),
    ],
  }),
  kernel('a uniform of a mebibyte', refused('buffers'), 'out[0] = 1u;', {
    bindings: [out, words('u', 1, 'uniform', 262_144)],
  }),
  kernel('a buffer of nothing', refused('buffers'), 'out[0] = 1u;', {
    bindings: [words('out', 0, 'storage', 0)],
  }),
  kernel('a buffer that is not bound', refused('binding'), 'out[0] = more[0];', {
    before: '@group(0) @binding(1) var<storage> more: array<u32>;',
  }),
  kernel('a buffer that the program does not have', refused('binding'), 'out[0] = 1u;', {
    bindings: [out, words('x', 1)],
  }),
  kernel('writing to what is to be read', refused('binding'), 'out[0] = 1u;', {
    bindings: [words('out', 0, 'read-only-storage')],
  }),
  kernel('a binding of four thousand million', refused('binding'), 'out[0] = 1u;', {
    bindings: [out, words('x', 4e9)],
  }),
  kernel('a struct that does not fit its buffer', refused('binding'), 'out[0] = far.last;', {
    before: 'struct Far { first: array<vec4u, 64>, last: u32 }\n@group(0) @binding(1) var<uniform> far: Far;',
    bindings: [out, words('far', 1, 'uniform', 4)],
  }),
  kernel('a texture', refused('resource'), 'out[0] = u32(textureLoad(picture, vec2u(0), 0).x);', {
    before: '@group(0) @binding(1) var picture: texture_2d<f32>;',
  }),
  kernel('a dispatch of 281 million million workgroups', refused('work'), 'out[0] = 1u;', {
    dispatch: [65_535, 65_535, 65_535],
  }),
  kernel('a dispatch beyond its limit', refused('dispatch'), 'out[0] = 1u;', { dispatch: [65_536, 1, 1] }),
  kernel('a dispatch of nothing', refused('dispatch'), 'out[0] = 1u;', { dispatch: [0, 1, 1] }),
  kernel('a dispatch below nothing', refused('dispatch'), 'out[0] = 1u;', { dispatch: [-1, 1, 1] }),
  kernel('a workgroup of 1,024', refused('workgroup'), '', {
    program: `${OUT}@compute @workgroup_size(32, 32)\nfn main() { out[0] = 1u; }`,
  }),
  kernel('a workgroup of nothing', refused('workgroup'), '', {
    program: `${OUT}@compute @workgroup_size(0)\nfn main() { out[0] = 1u; }`,
  }),
  kernel('a workgroup that an override makes large', refused('workgroup'), '', {
    program: `${OUT}override size = 1u;\n@compute @workgroup_size(size)\nfn main() { out[0] = 1u; }`,
    overrides: { size: 65_536 },
  }),
  kernel('an override that the program does not have', refused('override'), 'out[0] = 1u;', {
    overrides: { constructor: 1 },
  }),
  ...['5u', '5i', '0x5', '(5)', '5,', '2 + 3', '05'].map((id) =>
    kernel(
      `an override of @id(${id})`,
      [{ refused: 'override' }, { refused: 'syntax' }],
      'for (var i = 0u; i < n; i++) { out[id.x] = i; }',
      { before: `@id(${id}) override n: u32 = 1u;`, overrides: { '5': 4294967295 } },
    ),
  ),
  kernel(
    'an override by name that has an id',
    refused('override'),
    'for (var i = 0u; i < n; i++) { out[id.x] = i; }',
    { before: '@id(5) override n: u32;', overrides: { n: 1 } },
  ),
  kernel(
    'an override by its id that makes a loop long',
    'ended',
    'for (var i = 0u; i < n; i++) { out[id.x] = i; }',
    { before: '@id(5) override n: u32 = 1u;', overrides: { '5': 4294967295 } },
  ),
  kernel('a binding in hexadecimal', refused('binding'), 'out[0] = more[0];', {
    before: '@group(0) @binding(0x1) var<storage, read_write> more: array<u32>;',
    bindings: [out, words('more', 1)],
  }),
  kernel('a group of another kind of number', refused('binding'), 'out[0] = more[0];', {
    before: '@group(0i) @binding(1) var<storage, read_write> more: array<u32>;',
    bindings: [out, words('more', 1)],
  }),
  kernel('an override without a value', refused('override'), 'out[0] = n;', { before: 'override n: u32;' }),
  kernel('a mebibyte of workgroup memory', refused('memory'), 'big[lane] = 1u; out[0] = big[3];', {
    before: 'var<workgroup> big: array<u32, 262144>;',
  }),
  kernel(
    'workgroup memory by many variables',
    refused('memory'),
    'a[0] = 1u; b[0] = 1u; out[0] = a[3] + b[3];',
    {
      before: 'var<workgroup> a: array<u32, 3000>;\nvar<workgroup> b: array<u32, 3000>;',
    },
  ),
  kernel('a gigabyte in every invocation', refused('memory'), 'big[lane][0] = 1u; out[0] = big[3][3];', {
    before: 'var<private> big: array<array<vec4u, 8192>, 8192>;',
  }),
  kernel(
    'a megabyte on the stack',
    refused('memory'),
    'var big: array<vec4u, 65535>; big[lane] = vec4u(1u); out[0] = big[3].x;',
  ),
  kernel(
    'a megabyte on the stack, in a struct',
    refused('memory'),
    'var big: Big; big.all[lane] = 1u; out[0] = big.all[3];',
    {
      before: 'struct Big { all: array<u32, 60000> }',
    },
  ),
  ...(
    [
      [
        'of an alias',
        'alias A = array<u32, 60000>;\nvar<private> p: A;',
        'p[lane] = 1u; out[id.x] = p[out[3]];',
      ],
      [
        'of an alias of an alias',
        'alias B = A;\nalias A = array<u32, 60000>;\nvar<private> p: array<B, 1>;',
        'p[0][lane] = 1u; out[id.x] = p[0][out[3]];',
      ],
      [
        'in a struct',
        'struct A { a: array<u32, 60000> }\nvar<private> p: A;',
        'p.a[lane] = 1u; out[id.x] = p.a[out[3]];',
      ],
      [
        'by a constructor',
        'alias A = array<u32, 60000>;',
        'var p = A(); p[lane] = 1u; out[id.x] = p[out[3]];',
      ],
      [
        'by a constructor in parentheses',
        '',
        'var p = (array<u32, 60000>()); p[lane] = 1u; out[id.x] = p[out[3]];',
      ],
      [
        'by a function',
        'alias A = array<u32, 60000>;\nfn f() -> A { return A(); }',
        'var p = f(); p[lane] = 1u; out[id.x] = p[out[3]];',
      ],
      [
        'that is copied',
        'alias A = array<u32, 2000>;',
        'var p = A(); var q = p; q[lane] = 1u; out[id.x] = q[out[3]] + p[lane];',
      ],
      [
        'that is read through a pointer',
        'alias A = array<u32, 2000>;',
        'var p = A(); let at = &p; var q = *at; q[lane] = 1u; out[id.x] = q[out[3]] + p[lane];',
      ],
      [
        'of a count that is hard to tell',
        'const n = u32(ceil(59999.5));\nvar<private> p: array<u32, n>;',
        'p[lane] = 1u; out[id.x] = p[out[3]];',
      ],
      [
        'of two hundred variables',
        repeat(200, (i) => `var<private> p${i}: array<u32, 2048>;\n`),
        `${repeat(200, (i) => `p${i}[lane] = out[${i}];`)}${repeat(200, (i) => `out[id.x] += p${i}[out[3]];`)}`,
      ],
      [
        'of constants',
        repeat(9, (i) => `const c${i} = array<u32, 2000>();\n`),
        repeat(9, (i) => `out[id.x] += c${i}[out[${i}]];`),
      ],
      [
        'of a constant in a constant',
        'const c = array(d, d, d, d, d, d, d, d, d);\nconst d = array<u32, 2000>();',
        'out[id.x] += c[out[1]][out[2]];',
      ],
      ['of values without a name', '', repeat(9, (i) => `out[id.x] += array<u32, 2000>()[out[${i}]];`)],
      [
        'of a function in each function',
        'fn f(n: u32) -> u32 { var a: array<u32, 1500>; a[n & 63u] = n; return a[out[1] & 63u] + g(n); }\nfn g(n: u32) -> u32 { var a: array<u32, 1500>; a[n & 63u] = n; return a[out[1] & 63u]; }',
        'out[id.x] = f(lane);',
      ],
    ] as const
  ).map(([where, before, body]) =>
    kernel(`memory of every invocation, ${where}`, refused('memory'), body, { before }),
  ),
  kernel(
    'memory that every workgroup sets to zeros',
    refused('work'),
    'out[id.x & 255u] = w[out[3] & 4095u];',
    {
      program: `${OUT}var<workgroup> w: array<u32, 4096>;\n${MAIN.replace('64', '1')}out[id.x & 255u] = w[out[3] & 4095u];\n}\n`,
      dispatch: [65_535, 20_000, 1],
    },
  ),
  kernel('workgroups of one', refused('work'), '', {
    program: `${OUT}${MAIN.replace('64', '1')}out[id.x & 255u] = 1u;\n}\n`,
    dispatch: [65_535, 30_000, 1],
  }),
  ...(
    [
      ['zeroed', 'var a: array<u32, 900>; a[out[1] & 63u] = i; out[id.x] += a[out[2] & 63u];'],
      ['copied', 'b = kept; b[i & 63u] = out[id.x]; kept = b;'],
      ['copied through a pointer', 'let p = &kept; *p = b; b[i & 63u] = out[id.x];'],
      ['copied in parentheses', '(kept) = (b); b[i & 63u] = out[id.x];'],
      ['made', 'b = array<u32, 500>(); out[id.x] += b[i & 63u];'],
      ['handed over', 'out[id.x] += first(b, i);'],
      ['given back', 'out[id.x] += second()[i & 63u];'],
      ['indexed as a value', 'out[id.x] += value[(i + out[1]) & 63u];'],
    ] as const
  ).map(([how, body]) =>
    kernel(
      `much memory that is ${how} in a loop`,
      refused('work'),
      `var b: array<u32, 500>; let value = small; for (var j = 0u; j < 9u; j++) { for (var i = 0u; i < 60000u; i++) { ${body} } } out[id.x] = kept[out[2] & 63u] + b[out[1] & 63u];`,
      {
        before:
          'var<private> kept: array<u32, 500>;\nvar<private> small: array<u32, 400>;\nfn first(b: array<u32, 500>, i: u32) -> u32 { return b[0] + i; }\nfn second() -> array<u32, 500> { return kept; }',
        dispatch: [1, 1, 1],
      },
    ),
  ),
  kernel('no entry point', refused('entry'), 'out[0] = 1u;', { entryPoint: 'other' }),
  kernel('a vertex shader', refused('entry'), '', {
    program: '@vertex fn main() -> @builtin(position) vec4f { return vec4f(); }',
    bindings: [],
  }),
]

const arithmetic: HostileKernel[] = [
  kernel('reading far outside', 'harmless', 'out[id.x] = out[4294967295u - lane];'),
  kernel('writing far outside', 'harmless', 'out[id.x * 16777216u + 1000000u] = 7u;'),
  kernel('an index below zero', 'harmless', 'out[i32(lane) - 1000000] = 7u;'),
  kernel(
    'outside of workgroup memory',
    'harmless',
    'small[lane * 99999u] = 1u; workgroupBarrier(); out[id.x] = small[lane + 77u];',
    {
      before: 'var<workgroup> small: array<u32, 4>;',
    },
  ),
  kernel(
    'outside of a vector',
    'harmless',
    'var v = vec4u(1u); v[lane * 1000u] = 2u; out[id.x] = v[out[5] + 99u];',
  ),
  kernel(
    'outside, two hundred times each',
    'harmless',
    'for (var i = 0u; i < 200u; i++) { out[i * 123456789u + lane] = i; }',
  ),
  kernel(
    'a storm of NaN',
    'harmless',
    'var x = bitcast<f32>(0x7fc00000u | lane); for (var i = 0u; i < 5000u; i++) { x = x * 3f + sin(x) / x; } out[id.x] = bitcast<u32>(x);',
  ),
  kernel(
    'a storm of infinities',
    'harmless',
    'var x = f32(lane); for (var i = 0u; i < 5000u; i++) { x = x * x + 1e30f; x = x / (x - x); } out[id.x] = bitcast<u32>(x);',
  ),
  kernel(
    'NaN as an index',
    'harmless',
    'let x = bitcast<f32>(0x7fc00000u | lane); out[u32(x)] = u32(x * 1e38f); out[i32(-x)] = 1u;',
  ),
  kernel(
    'dividing whole numbers by zero',
    'harmless',
    'let zero = out[200] & 0u; out[id.x] = id.x / zero + id.x % zero;',
  ),
  kernel(
    'the smallest whole number by minus one',
    'harmless',
    'let least = bitcast<i32>(0x80000000u + (out[200] & 0u)); out[id.x] = u32(least / -1) + u32(least % -1);',
  ),
  kernel('a shift by more than there is', 'harmless', 'out[id.x] = id.x << (out[200] + 77u);'),
  kernel('dividing by zero while compiling', 'not-compiled', 'out[id.x] = 1u / 0u;'),
  kernel('a number too large while compiling', 'not-compiled', 'out[id.x] = u32(1e40f);'),
  kernel('an index outside while compiling', 'not-compiled', 'var v = vec4u(); out[id.x] = v[9];'),
  kernel('all write one place', 'harmless', 'out[0] = id.x;', { dispatch: [1000, 1, 1] }),
  kernel('all add to one place', 'harmless', '', {
    program: `@group(0) @binding(0) var<storage, read_write> out: array<atomic<u32>>;\n${MAIN}for (var i = 0u; i < 20u; i++) { atomicAdd(&out[0], 1u); }\n}\n`,
    dispatch: [20, 1, 1],
  }),
]

const divergence: HostileKernel[] = [
  kernel(
    'a barrier that some never reach',
    'not-compiled',
    'if (lane < 7u) { workgroupBarrier(); } out[id.x] = 1u;',
  ),
  kernel(
    'a barrier after some have left',
    'not-compiled',
    'if (lane == 3u) { return; } workgroupBarrier(); out[id.x] = 1u;',
  ),
  kernel(
    'a barrier in a loop of different length',
    'not-compiled',
    'for (var i = 0u; i < lane; i++) { workgroupBarrier(); } out[id.x] = 1u;',
  ),
  kernel(
    'a barrier behind what memory says',
    'not-compiled',
    'if (out[5] == 0u) { storageBarrier(); } out[id.x] = 1u;',
  ),
  kernel('a barrier in a function, for some', 'not-compiled', 'if (lane == 1u) { wait(); } out[id.x] = 1u;', {
    before: 'fn wait() { workgroupBarrier(); }',
  }),
  kernel(
    'a uniform load for some',
    'not-compiled',
    'if (lane == 1u) { out[id.x] = workgroupUniformLoad(&one); }',
    { before: 'var<workgroup> one: u32;' },
  ),
  kernel('an extension that nobody has', ['not-compiled', { refused: 'syntax' }], 'out[0] = 1u;', {
    program: `enable chromium_internal_everything;\n${OUT}${MAIN}out[0] = 1u;\n}\n`,
  }),
]

const vectors = {
  before: '@group(0) @binding(1) var<storage, read> rows: array<vec4f>;',
  bindings: [out, words('rows', 1, 'read-only-storage')],
}
const loads = (count: number): string =>
  `var s = vec4f(); ${repeat(count, (i) => `s += rows[lane + ${i}u];`)} out[id.x] = u32(s.x + s.y + s.z + s.w);`
const countedLoops = (count: number): string =>
  repeat(count, (i) => `for (var i = 0u; i < (out[${i}] & 3u); i++) { out[id.x] += i; }`)
const steps = (count: number, step: string): string =>
  `var s = vec4f(vec4u(lane)); var t = s + 7f; ${repeat(count, step)} out[id.x] = u32(s.x + s.y + s.z + s.w);`

/** What a compiler takes seconds for, and beside it less of the same. */
const compiling: HostileKernel[] = [
  kernel(
    'forty counted loops in a row',
    'harmless',
    countedLoops(40).replaceAll('out[id.x] += i', 't += i'),
    {
      before: 'var<private> t: u32;',
    },
  ),
  kernel('sixty vectors of memory', 'harmless', loads(60), vectors),
  ...(
    [
      [
        'a thousand changes of an array at places that only the run knows',
        `${repeat(1000, 'p[lane]+=1u;')} out[id.x] = p[out[3] & 63u];`,
        { before: 'var<private> p: array<u32, 64>;' },
      ],
      [
        'a thousand changes through a pointer',
        `var p: array<u32, 64>; let at = &p[lane]; ${repeat(1000, '*at+=1u;')} out[id.x] = p[out[3] & 63u];`,
        {},
      ],
      [
        'a thousand changes in functions',
        `var p: array<u32, 64>; ${repeat(1000, 'f(&p,lane);')} out[id.x] = p[out[3] & 63u];`,
        { before: 'fn f(p: ptr<function, array<u32, 64>>, i: u32) { (*p)[i] += 1u; }' },
      ],
      ['250 counted loops', countedLoops(250), {}],
      ['a thousand vectors of memory', loads(1000), vectors],
      [
        'all of the memory of a workgroup, and much beside it',
        `w[lane] = 1u; workgroupBarrier(); ${repeat(600, (i) => `out[lane] = w[lane + ${i}u];`)}`,
        { before: 'var<workgroup> w: array<u32, 4096>;' },
      ],
      [
        'an array of a thousand in each of sixteen calls',
        `var s = lane; ${repeat(16, 's += f(s);')} out[id.x] = s;`,
        { before: 'fn f(a: u32) -> u32 { var x: array<u32, 1000>; x[a] = 1u; return x[a + 1u]; }' },
      ],
      [
        'calls that return early',
        `var s = lane; ${repeat(773, 's = f(s);')} out[id.x] = s;`,
        { before: 'fn f(a: u32) -> u32 { if (a > 7u) { return a * 3u; } return a * 3u + 1u; }' },
      ],
      [
        'vectors that are kept over loops',
        `${repeat(480, (i) => `let v${i} = vec4u(lane, id.xyz) * ${i}u;`)} var s = vec4u(lane); ${repeat(120, (i) => `while (s.x < ${i}u) { s = s + 1u; }`)} ${repeat(480, (i) => `s = s * v${i};`)} out[id.x] = s.x + s.y + s.z + s.w;`,
        {},
      ],
      [
        'variables of the module that are kept over loops',
        `${repeat(120, (i) => `p${i} = vec4f(f32(lane)) * ${i}f;`)} var s = f32(lane); ${repeat(200, (i) => `while (s < ${i}f) { s += 1f; p${i % 120}.x += s; }`)} ${repeat(120, (i) => `s += p${i}.x * p${i}.w;`)} out[id.x] = u32(s);`,
        { before: repeat(120, (i) => `var<private> p${i}: vec4f;\n`) },
      ],
      ['powers of vectors', steps(440, 's = pow(s, t) + 1f;'), {}],
      ['tangents of vectors', steps(640, 's = tanh(s) + t;'), {}],
      ['vectors that become whole numbers and floats again', steps(430, 's = vec4f(vec4u(s)) + t;'), {}],
      ['leading bits', `var s = lane; ${repeat(890, 's += firstLeadingBit(s);')} out[id.x] = s;`, {}],
      [
        'quotients of vectors',
        `var s = vec4i(i32(lane)); var t = vec4i(i32(out[3])); ${repeat(900, 's = s / t + 7;')} out[id.x] = u32(s.x + s.y + s.z + s.w);`,
        {},
      ],
      [
        'quotients of vectors that come out as one number',
        `var s = vec4i(i32(lane)); var t = vec4i(i32(out[3])); ${repeat(500, 's.x = i32(dot(s / (t), t));')} out[id.x] = u32(s.x);`,
        {},
      ],
      [
        'products of matrices',
        `var m = mat4x4f(); m[0].x = f32(lane); var k = m; ${repeat(800, 'm *= k;')} out[id.x] = u32(m[0].x + m[1].y + m[2].z + m[3].w);`,
        {},
      ],
    ] as const
  ).map(([what, body, more]) => kernel(`${what}, to compile`, refused('compile'), body, more)),
]

/** Kernels that mean harm. */
export const hostileKernels: readonly HostileKernel[] = [
  ...loops,
  ...calls,
  ...texts,
  ...limits,
  ...arithmetic,
  ...divergence,
  ...compiling,
]

/** Whether a kernel came to one of the ends that it may come to. */
export const isFate = ({ fate }: HostileKernel, seen: HostileFate): boolean =>
  (Array.isArray(fate) ? (fate as readonly HostileFate[]) : [fate as HostileFate]).some(
    (each) => JSON.stringify(each) === JSON.stringify(seen),
  )
