import { describe, expect, it } from 'vitest'
import { parseBatchBody, parseTaskBody } from './jobBodies.ts'

describe('a task of kind kernel', () => {
  it('with neither a program nor a kernel of the library is told that a field is missing', () => {
    for (const fields of [{ entryPoint: 'main' }, { bindings: [], dispatch: [1, 1, 1] }])
      expect(() => parseTaskBody({ kind: 'kernel', ...fields })).toThrow(
        expect.objectContaining({
          code: 'invalid_value',
          param: 'program',
          message: '`program` is missing, and so is `kernel`.',
        }),
      )
  })

  it('with a program of its own has no place in a batch', () => {
    expect(() => parseBatchBody({ kind: 'batch', tasks: [{ kind: 'kernel', program: 'x' }] })).toThrow(
      'A custom kernel is a job of its own.',
    )
  })
})
