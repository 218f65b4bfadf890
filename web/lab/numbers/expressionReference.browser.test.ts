import { afterAll, describe, expect, it } from 'vitest'
import { LabError } from '../labWords.ts'
import { createExpressionSandbox } from '../sandbox/expressionSandbox.ts'
import { expressionReference } from './expressionReference.ts'

const sandbox = createExpressionSandbox(8000)
afterAll(() => sandbox.close())

const output = { shape: [2, 3], datatype: 'FP32' as const }
const numbers = { n: 6, größe: 2, class: 3 }

const gives = async (text: string, within = sandbox) => {
  const inputs = new Map([['x', Float32Array.of(1, 2, 3, 4, 5, 6)]])
  return Array.from(await expressionReference(text, inputs, numbers, output, within))
}
const refusal = (text: string, within = sandbox) =>
  gives(text, within).then(
    () => null,
    (error) => (error instanceof LabError ? error.words : error),
  )

it('gives an element at a time, or the whole array; types are left out', async () => {
  expect(await gives('(x[i] as number) * n // six times')).toEqual([6, 12, 18, 24, 30, 36])
  expect(await gives('at[0]! * 10 + at[1]!')).toEqual([0, 1, 2, 10, 11, 12])
  expect(await gives('x.map((v: number): number => v * größe)')).toEqual([2, 4, 6, 8, 10, 12])
  expect(await gives('x[i] > 3')).toEqual([0, 0, 0, 1, 1, 1])
})

it.each([
  ['  ', 'check.empty', {}],
  ['x[i] +\n 4 4', 'check.syntax', { line: 2 }],
  ['x[i] +\n z', 'check.threw', { line: 2, reason: 'z is not defined' }],
  ['((): number => {\n\n  throw new RangeError("no")\n})()', 'check.threw', { line: 3, reason: 'no' }],
  ['x[i + 4]', 'check.noNumber', { index: '2', value: 'undefined' }],
  ['"7"', 'check.noNumber', { index: '0', value: '"7"' }],
  ['x[i] +\n await 1', 'check.threw', { line: 2 }],
])('says what is wrong with %j', async (text, key, values) => {
  expect(await refusal(text)).toMatchObject({ key, values })
})

describe('whole numbers of 64 bits', () => {
  const wide = async (text: string, datatype: 'INT64' | 'UINT64' | 'INT32' = 'INT64') => {
    const inputs = new Map([['x', BigInt64Array.of(2n ** 53n + 1n, -1n)]])
    try {
      return Array.from(await expressionReference(text, inputs, {}, { shape: [2], datatype }, sandbox))
    } catch (error) {
      if (error instanceof LabError) return error.words
      throw error
    }
  }

  it('are seen and given as bigint, with every bit', async () => {
    expect(await wide('x[i] * 3n')).toEqual([3n * (2n ** 53n + 1n), -3n])
    expect(await wide('x.map((v) => v + 1n)')).toEqual([2n ** 53n + 2n, 0n])
    expect(await wide('BigInt.asUintN(64, x[i])', 'UINT64')).toEqual([2n ** 53n + 1n, 2n ** 64n - 1n])
    expect(await wide('i + 1')).toEqual([1n, 2n])
    expect(await wide('x[i] & 0xffn', 'INT32')).toEqual([1, 255])
  })

  it.each([
    ['i / 2', 'INT64', { index: '1', value: '0.5' }],
    ['2 ** 53', 'INT64', { index: '0', value: '9007199254740992' }],
    ['2n ** 63n', 'INT64', { index: '0', value: '9223372036854775808n' }],
    ['x[i]', 'UINT64', { index: '1', value: '-1n' }],
    ['[1, NaN]', 'UINT64', { index: '1', value: 'NaN' }],
  ] as const)('are not made of %s for %s', async (text, datatype, values) => {
    expect(await wide(text, datatype)).toEqual({ key: 'check.noWhole', values: { datatype, ...values } })
  })
})

it('ends an expression that does not, and works out the next one', async () => {
  const impatient = createExpressionSandbox(1500)
  expect(await refusal('(() => { for (;;) {} })()', impatient)).toMatchObject({
    key: 'check.slow',
    values: { seconds: 1.5 },
  })
  expect(await gives('x[i]', impatient)).toEqual([1, 2, 3, 4, 5, 6])
  impatient.close()
})

it('works out one after another what is asked at once', async () => {
  const impatient = createExpressionSandbox(1500)
  const long =
    '(i > 0 || (() => { const end = Date.now() + 400; while (Date.now() < end); return true })()) && x[i]'
  expect(await Promise.all([gives(long, impatient), gives('x[i] * 2', impatient)])).toEqual([
    [1, 2, 3, 4, 5, 6],
    [2, 4, 6, 8, 10, 12],
  ])
  impatient.close()
})

it.each([
  ['every stored file', 'navigator.storage.getDirectory().then((all) => all.remove()), 0', 'navigator'],
  ['the databases', 'indexedDB.deleteDatabase("kept"), 0', 'indexedDB'],
  ['other tabs', 'new BroadcastChannel("kept").postMessage(1), 0', 'BroadcastChannel'],
  ['the GPU', 'navigator.gpu.requestAdapter(), 0', 'navigator'],
  ['the network', 'fetch("/v1/network"), 0', 'fetch'],
  ['another worker', 'new Worker("data:,"), 0', 'Worker'],
  ['a script', 'importScripts("data:,"), 0', 'importScripts'],
])('%s is out of its reach', async (_, text, name) => {
  expect(await refusal(`1,\n${text}`)).toMatchObject({ key: 'check.outOfReach', values: { line: 2, name } })
})

it('what lies behind its global object is out of its reach, too', async () => {
  const kept =
    'Object.getOwnPropertyNames(Object.getPrototypeOf(Object.getPrototypeOf(self))).filter((name) => name !== "self").length'
  expect(await gives(kept)).toEqual([0, 0, 0, 0, 0, 0])
})

it('code that breaks out of the expression is still without origin, storage, GPU and network', async () => {
  const root = await navigator.storage.getDirectory()
  await root.getFileHandle('kept', { create: true })
  const heard: unknown[] = []
  const channel = new BroadcastChannel('kept')
  channel.onmessage = ({ data }) => heard.push(data)
  // Evaluated beside the function.
  const escapes = ['import("data:text/javascript,1")', 'new Function("return 1")()', 'postMessage(1)'].map(
    (code) => `0), 0);\n${code};\n((x[i]`,
  )
  for (const text of escapes) await refusal(text)
  const names: string[] = []
  for await (const name of root.keys()) names.push(name)
  expect(names).toContain('kept')
  expect(heard).toEqual([])
  channel.close()
  await root.removeEntry('kept')
})

it('the frame is without origin by itself, also where nothing were sealed', async () => {
  const frame = document.createElement('iframe')
  frame.setAttribute('sandbox', 'allow-scripts')
  const { default: url } = await import('../sandbox/expressionFrame.html?url&no-inline')
  frame.src = url
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
  document.body.append(frame)
  await loaded
  const code = `addEventListener('message', async ({ ports: [port] }) => {
    const said = async (what) => { try { return String(await what()) } catch (error) { return error.name } }
    port.postMessage({
      origin: self.origin,
      files: await said(() => navigator.storage.getDirectory()),
      database: await said(() => indexedDB.open('kept')),
      caches: await said(() => caches.keys()),
      gpu: String(navigator.gpu),
      network: await said(() => fetch(${JSON.stringify(`${location.origin}/`)})),
      evaluated: await said(() => eval('1')),
    })
  })`
  const { port1, port2 } = new MessageChannel()
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data)
  })
  const trouble = new MessageChannel()
  frame.contentWindow?.postMessage({ code, given: {}, moved: [] }, '*', [port2, trouble.port2])
  expect(await answer).toEqual({
    origin: 'null',
    files: 'TypeError',
    database: 'SecurityError',
    caches: 'ReferenceError',
    gpu: 'undefined',
    network: 'TypeError',
    evaluated: 'EvalError',
  })
  frame.remove()
})
