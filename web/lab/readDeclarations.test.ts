import { describe, expect, it } from 'vitest'
import { passText } from '../../shaders/kernel.ts'
import { libraryKernels } from '../../shaders/library.ts'
import { readDeclarations } from './readDeclarations.ts'

describe('the declarations of a program', () => {
  it('are read from every program of the library: entry point, one binding for each buffer, overrides', () => {
    for (const kernel of libraryKernels) {
      for (const variant of kernel.variants) {
        for (const pass of variant.passes) {
          const read = readDeclarations(passText(kernel, pass))
          const name = `${kernel.name} ${variant.name} ${pass.entryPoint}`
          expect(read, name).not.toBeNull()
          expect(
            read!.entryPoints.map((entry) => entry.name),
            name,
          ).toContain(pass.entryPoint)
          const writes = typeof pass.writes === 'string' ? [pass.writes] : pass.writes
          expect(read!.bindings.length, name).toBeGreaterThanOrEqual(1 + pass.reads.length + writes.length)
          const overrides = read!.overrides.map((override) => override.name)
          expect(overrides, name).toEqual(expect.arrayContaining(Object.keys(pass.overrides)))
        }
      }
    }
  })
})

const program = `
// @binding(9) in a comment
struct Task { n: u32, size: vec2f, table: array<vec4<u32>, 2> }
@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage> x: array<vec4<f16>>;
@group(1) @binding(2) var<storage, read_write> y: array<atomic<u32>, 8>;
override lanes: u32 = 64u;
@id(7) override scale: f32;
fn valueOf(read: u32) -> u32 { return read; }
@compute @workgroup_size(lanes, 2)
fn main() { let broken = `

describe('a program whose body is half typed', () => {
  const read = readDeclarations(program)

  it('still says its bindings, with group, access, datatype and line', () => {
    expect(read?.bindings).toMatchObject([
      { name: 'task', group: 0, binding: 0, space: 'uniform', line: 4 },
      {
        name: 'x',
        group: 0,
        binding: 1,
        space: 'read',
        datatype: 'FP16',
        scalarsPerElement: 4,
        count: 0,
        line: 5,
      },
      { name: 'y', group: 1, binding: 2, space: 'read_write', datatype: 'UINT32', count: 8, line: 6 },
    ])
  })

  it('says where every scalar of a uniform lies', () => {
    const [task] = read!.bindings
    expect(task!.leaves).toEqual([
      { path: 'n', type: 'u32', offset: 0 },
      { path: 'size.x', type: 'f32', offset: 8 },
      { path: 'size.y', type: 'f32', offset: 12 },
      ...['x', 'y', 'z', 'w'].map((axis, at) => ({
        path: `table[0].${axis}`,
        type: 'u32',
        offset: 16 + at * 4,
      })),
      ...['x', 'y', 'z', 'w'].map((axis, at) => ({
        path: `table[1].${axis}`,
        type: 'u32',
        offset: 32 + at * 4,
      })),
    ])
    expect(task!.bytes).toBe(48)
  })

  it('says its overrides by their key, and its entry point', () => {
    expect(read?.overrides).toMatchObject([
      { name: 'lanes', key: 'lanes', initial: '64u', line: 7 },
      { name: 'scale', key: '7', initial: null, line: 8 },
    ])
    expect(read?.entryPoints).toMatchObject([{ name: 'main', workgroupSize: 'lanes, 2', line: 11 }])
  })

  it('is nothing while a declaration is half typed', () => {
    expect(readDeclarations('struct Task { n: ')).toBeNull()
  })
})
