import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dump } from 'npyjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readJobFile } from './jobFile.ts'
import { hasMismatch, type MatrixRow, matrixTable } from './matrixTable.ts'
import { readReference } from './readReference.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-kernel-'))
  await writeFile(join(folder, 'k.wgsl'), 'fn main() {}')
  await writeFile(join(folder, 'x.bin'), Uint8Array.of(1, 2, 3, 4))
  await writeFile(join(folder, 'x.npy'), new Uint8Array(dump(Float32Array.of(1, 2, 3, 4), [2, 2])))
})
afterAll(() => rm(folder, { recursive: true }))

async function job(fields: object): Promise<string> {
  const file = join(folder, 'k.kernel.json')
  await writeFile(file, JSON.stringify(fields))
  return file
}

describe('a kernel job file', () => {
  it('that is no JSON, or has no program or two, is refused by name', async () => {
    await writeFile(join(folder, 'broken.json'), '{')
    await expect(readJobFile(join(folder, 'broken.json'))).rejects.toThrow(
      'broken.json is no kernel job file',
    )
    await expect(readJobFile(await job({}))).rejects.toThrow('either `programFile` or `program`')
    await expect(readJobFile(await job({ programFile: 'k.wgsl', program: 'x' }))).rejects.toThrow('either')
    await expect(readJobFile(await job({ programFile: 'gone.wgsl' }))).rejects.toThrow(
      `There is no file ${join(folder, 'gone.wgsl')}.`,
    )
  })

  it('may begin with a byte order mark, and so may its program', async () => {
    await writeFile(join(folder, 'marked.wgsl'), '\ufefffn main() {}')
    await writeFile(join(folder, 'marked.json'), `\ufeff${JSON.stringify({ programFile: 'marked.wgsl' })}`)
    const { body } = await readJobFile(join(folder, 'marked.json'))
    expect(body.program).toBe('fn main() {}')
  })

  it('that is a folder or holds something else is refused by name, and so is what it names', async () => {
    await expect(readJobFile(folder)).rejects.toThrow(`${folder} is a folder.`)
    await writeFile(join(folder, 'list.json'), '[]')
    await expect(readJobFile(join(folder, 'list.json'))).rejects.toThrow(
      'list.json is no kernel job file: it must be an object.',
    )
    await expect(readJobFile(await job({ programFile: 7 }))).rejects.toThrow(
      'k.kernel.json is no kernel job file: `programFile` must be a string.',
    )
    await expect(readJobFile(await job({ programFile: '.' }))).rejects.toThrow('is a folder.')
    const inputs = [{ name: 'a', file: 'broken.npy' }]
    await writeFile(join(folder, 'broken.npy'), 'nothing')
    await expect(readJobFile(await job({ programFile: 'k.wgsl', inputs }))).rejects.toThrow(
      'broken.npy is no .npy file',
    )
  })

  it('is not compared with what is no reference of its outputs: wrong usage', async () => {
    const given = await readJobFile(await job({ programFile: 'k.wgsl', outputs: ['y', 'z'] }))
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    }
    const y = { name: 'y', datatype: 'FP32', shape: [1], data: [1] }
    for (const [said, path] of Object.entries({
      'k.wgsl is no JSON': join(folder, 'k.wgsl'),
      'g.npy is no .npy file': await file('g.npy', 'nothing'),
      'none.json has no outputs to compare with': await file('none.json', '{"outputs": []}'),
      'other.json has no outputs to compare with': await file('other.json', '7'),
      'x.json names x, which is no output: these are y, z.': await file(
        'x.json',
        JSON.stringify({ outputs: [y, { ...y, name: 'x' }] }),
      ),
      'is a folder.': folder,
    }))
      await expect(readReference(path, given)).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(said),
      })
    const empty = job({ programFile: 'k.wgsl', outputs: ['y'], reference: [] })
    await expect(readJobFile(await empty)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('k.kernel.json has no outputs to compare with'),
    })
  })

  it('becomes the body of a job, with the files beside it', async () => {
    const inputs = [
      { name: 'a', datatype: 'UINT8', shape: [4], file: 'x.bin' },
      { name: 'b', file: 'x.npy' },
      { name: 'c', datatype: 'FP32', shape: [1], data: [7] },
    ]
    const { body } = await readJobFile(await job({ programFile: 'k.wgsl', outputs: ['y'], inputs }))
    expect(body).toEqual({
      kind: 'kernel',
      program: 'fn main() {}',
      outputs: ['y'],
      inputs: [
        { name: 'a', datatype: 'UINT8', shape: [4], base64: 'AQIDBA==' },
        { name: 'b', datatype: 'FP32', shape: [2, 2], base64: 'AACAPwAAAEAAAEBAAACAQA==' },
        { name: 'c', datatype: 'FP32', shape: [1], data: [7] },
      ],
    })
  })

  it('is compared with a NumPy array, with outputs, or with what an earlier run printed', async () => {
    const given = await readJobFile(await job({ programFile: 'k.wgsl', outputs: ['y', 'z'] }))
    const array = { name: 'y', datatype: 'FP32', shape: [2, 2], base64: 'AACAPwAAAEAAAEBAAACAQA==' }
    expect(await readReference(join(folder, 'x.npy'), given)).toEqual([array])
    const outputs = [{ name: 'y', datatype: 'FP32', shape: [1], sha256: 'ab', data: [1] }]
    for (const document of [{ outputs }, { state: 'done', result: { outputs, matrix: [] } }]) {
      const file = join(folder, 'reference.json')
      await writeFile(file, JSON.stringify(document))
      expect(await readReference(file, given)).toEqual([
        { name: 'y', datatype: 'FP32', shape: [1], data: [1] },
      ])
    }
  })
})

describe('the matrix', () => {
  const row: MatrixRow = {
    deviceClass: 'google/swiftshader/156/485974c9',
    verdict: 'agrees',
    maxUlp: 0,
    medianMs: 2.4651,
    madMs: 0.075,
    timing: 'timestamps',
    timedRuns: 5,
    tabs: 1,
    adapter: { description: '', software: true },
    mismatch: null,
    message: null,
  }

  it('is a table with a line below for each class that is not right', () => {
    const mismatch = { output: 'y', index: 2, value: 7, reference: 6 }
    const wrong: MatrixRow = {
      ...row,
      deviceClass: 'b',
      verdict: 'differs',
      maxUlp: 12,
      timing: 'wall',
      mismatch,
    }
    const failed: MatrixRow = {
      ...row,
      deviceClass: 'c',
      verdict: 'failed',
      maxUlp: null,
      medianMs: null,
      madMs: null,
      timing: null,
      timedRuns: 0,
      message: 'kernel_ended: It took too long.',
    }
    expect(matrixTable([row, wrong, failed])).toEqual([
      'device class                     verdict  max ULP  median ms  MAD ms      timing  runs  tabs',
      'google/swiftshader/156/485974c9  agrees         0      2.465   0.075  timestamps     5     1',
      'b                                differs       12      2.465   0.075        wall     5     1',
      'c                                failed         -          -       -           -     0     1',
      'b: y[2] is 7 and should be 6.',
      'c: kernel_ended: It took too long.',
    ])
  })

  it('fails a script where a class differs or could not run it, or none ran', () => {
    expect(hasMismatch([row])).toBe(false)
    expect(hasMismatch([{ ...row, verdict: 'unverified' }])).toBe(false)
    expect(hasMismatch([row, { ...row, verdict: 'differs' }])).toBe(true)
    expect(hasMismatch([{ ...row, verdict: 'failed' }])).toBe(true)
    expect(hasMismatch([])).toBe(true)
  })
})
