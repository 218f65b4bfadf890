import type { KernelProgram } from './kernelProgram.ts'

const lines = `struct Task {
  rows: u32,
  columns: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
const TILE = 8u;
var<workgroup> tile: array<f32, TILE * TILE>;
fn scaled(x: f32, by: f32) -> f32 {
  return x * by;
}
@compute @workgroup_size(TILE, TILE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = 0f;
  for (var k = 0u; k < task.columns; k++) {
    sum += a[id.x * task.columns + k];
  }
  tile[lane] = sum;
  workgroupBarrier();
  if (id.x < task.rows) {
    c[id.x] = scaled(tile[lane], 2f);
  }
}`.split('\n')

/** A right kernel in which one line was made wrong. */
export interface BrokenKernel extends KernelProgram {
  name: string
  /** Line that must be marked, from 1. */
  line: number
}

const kernelOf = (program: string): KernelProgram => ({
  program,
  entryPoint: 'main',
  bindings: [
    { name: 'task', binding: 0, type: 'uniform', datatype: 'UINT32', shape: [2] },
    { name: 'a', binding: 1, type: 'read-only-storage', datatype: 'FP32', shape: [64] },
    { name: 'c', binding: 2, type: 'storage', datatype: 'FP32', shape: [8] },
  ],
  overrides: {},
  dispatch: [1, 1, 1],
})

/** The kernel before it was broken. */
export const soundKernel = kernelOf(lines.join('\n'))

/** What is wrong, the line that is replaced, its new text, and the line to mark where that is another one. */
const faults: readonly [name: string, line: number, text: string, marked?: number][] = [
  ['a type that there is not', 2, '  rows: u33,'],
  ['a member without a type', 2, '  rows: ,'],
  ['a member twice', 3, '  rows: u32,'],
  ['a member of memory', 3, '  columns: ptr<function, u32>,'],
  ['a struct that is not closed', 4, '', 5],
  ['an attribute that there is not', 5, '@grope(0) @binding(0) var<uniform> task: Task;'],
  ['a binding below zero', 5, '@group(0) @binding(-1) var<uniform> task: Task;'],
  ['a binding that is no number', 5, '@group(0) @binding(first) var<uniform> task: Task;'],
  ['a binding twice', 6, '@group(0) @binding(0) var<storage, read> a: array<f32>;'],
  ['a place that there is not', 6, '@group(0) @binding(1) var<storige, read> a: array<f32>;'],
  ['an access that there is not', 6, '@group(0) @binding(1) var<storage, reading> a: array<f32>;'],
  ['a template that is not closed', 6, '@group(0) @binding(1) var<storage, read> a: array<f32;'],
  ['an array of nothing', 7, '@group(0) @binding(2) var<storage, read_write> c: array<>;'],
  ['a buffer with a first value', 7, '@group(0) @binding(2) var<storage, read_write> c: array<f32> = 1;'],
  ['a constant without a value', 8, 'const TILE: u32;'],
  ['a constant of text', 8, 'const TILE = "8";'],
  ['a constant of itself', 8, 'const TILE = TILE + 1u;'],
  ['a constant of two kinds', 8, 'const TILE: u32 = 8f;'],
  ['a number with a wrong ending', 8, 'const TILE = 8v;'],
  ['a number too large', 8, 'const TILE = 99999999999u;'],
  ['a count that is no whole number', 9, 'var<workgroup> tile: array<f32, 8.5>;'],
  ['a count below zero', 9, 'var<workgroup> tile: array<f32, -3>;'],
  ['a parameter without a type', 10, 'fn scaled(x: f32, by) -> f32 {'],
  ['an arrow without a type', 10, 'fn scaled(x: f32, by: f32) -> {'],
  ['a parameter twice', 10, 'fn scaled(x: f32, x: f32) -> f32 {'],
  ['a word for function of another language', 10, 'def scaled(x: f32, by: f32) -> f32 {'],
  ['a result of another type', 11, '  return u32(x * by);'],
  ['no result', 11, '  return;'],
  ['a name that there is not', 11, '  return x * bye;'],
  ['two kinds of number in a product', 11, '  return x * 2i;'],
  ['a quotient without a divisor', 11, '  return x / ;'],
  ['an entry point of an unknown stage', 13, '@compote @workgroup_size(TILE, TILE)'],
  ['a workgroup of four sizes', 13, '@compute @workgroup_size(2, 2, 2, 2)'],
  [
    'a built-in that there is not',
    14,
    'fn main(@builtin(global_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {',
  ],
  ['a variable of nothing', 15, '  var sum = ;'],
  ['a variable named as a word of the language', 15, '  var if = 0f;'],
  ['a variable without type and value', 15, '  var sum;'],
  ['a constant in place of a variable', 15, '  let sum = 0f;', 17],
  ['a loop with a comma', 16, '  for (var k = 0u, k < task.columns; k++) {'],
  ['a loop whose head is not closed', 16, '  for (var k = 0u; k < task.columns; k++ {'],
  ['a condition that is a number', 16, '  for (var k = 0u; task.columns; k++) {'],
  ['a member that there is not', 16, '  for (var k = 0u; k < task.cols; k++) {'],
  ['a signed counter', 16, '  for (var k = 0; k < task.columns; k++) {'],
  ['an index of a fraction', 17, '    sum += a[1.5];'],
  ['a bracket that is not closed', 17, '    sum += a[id.x * task.columns + k;'],
  ['an operator that there is not', 17, '    sum =+ a[id.x * task.columns + k] ** 2f;'],
  ['writing what is to be read', 17, '    a[k] = sum;'],
  ['a brace too many', 18, '  } }', 19],
  ['an assignment of another type', 19, '  tile[lane] = lane;'],
  ['a function that there is not', 20, '  workgroupBarier();'],
  ['a barrier with an argument', 20, '  workgroupBarrier(1u);'],
  ['a condition without a bracket', 21, '  if id.x < task.rows) {'],
  ['a comparison of two kinds', 21, '  if (id.x < 3f) {'],
  ['an assignment as a condition', 21, '  if (id.x = task.rows) {'],
  ['too few arguments', 22, '    c[id.x] = scaled(tile[lane]);'],
  ['an argument of another type', 22, '    c[id.x] = scaled(tile[lane], 2u);'],
  ['an assignment to a product', 22, '    c[id.x] * 2f = 1f;'],
  ['else without if', 23, '  } else else {'],
]

/** Programs with one fault each. */
export const brokenKernels: readonly BrokenKernel[] = faults.map(([name, line, text, marked]) => ({
  ...kernelOf(lines.with(line - 1, text).join('\n')),
  name,
  line: marked ?? line,
}))
