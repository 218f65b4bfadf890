import { describe, expect, it } from 'vitest'
import { guardOf } from './ortGuard.ts'
import type { OrtRuntime } from './ortRuntime.ts'

const copyOfLibrary = () => guardOf({} as OrtRuntime)
const crash = () => Promise.reject(new WebAssembly.RuntimeError('memory access out of bounds'))

describe('what runners over one copy of ONNX Runtime share', () => {
  it('says of the call under which the WASM instance crashed what it did', async () => {
    const guard = copyOfLibrary()
    await expect(guard.attempt(() => 'Loading a', crash)).rejects.toMatchObject({
      code: 'model_failed',
      message: 'Loading a failed: memory access out of bounds',
    })
    expect(guard.broken).toBe(true)
  })

  it('calls the device lost to every later call, which did nothing wrong: only a fresh worker can help', async () => {
    const guard = copyOfLibrary()
    await guard.attempt(() => 'Loading a', crash).catch(() => {})
    await expect(
      guard.attempt(
        () => 'Running b',
        async () => 1,
      ),
    ).rejects.toMatchObject({
      code: 'device_lost',
      message:
        'Running b failed: ONNX Runtime had crashed before. Loading a failed: memory access out of bounds',
    })
  })

  it('works on after an error that is no crash', async () => {
    const guard = copyOfLibrary()
    await guard
      .attempt(
        () => 'Loading a',
        () => Promise.reject(new Error('no such operator')),
      )
      .catch(() => {})
    expect(
      await guard.attempt(
        () => 'Running b',
        async () => 1,
      ),
    ).toBe(1)
  })
})
