/**
 * The beginning of the worker in which an expression runs; `opentabRun(...)` with the expression follows (expressionCode.ts).
 * Before it runs, everything that a worker has beside the language itself is out of reach: a second belt, for the worker
 * lives in a frame without an origin.
 */
// biome-ignore lint/correctness/noUnusedVariables: what follows calls it
const opentabRun = (() => {
  const { href } = location
  const language = new Set(
    'AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError Temporal TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet console decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt self undefined unescape'.split(
      ' ',
    ),
  )
  const given = new Promise((resolve) => {
    addEventListener('message', ({ data, ports: [port] }) => resolve({ ...data, port }), { once: true })
  })

  class OutOfReach extends Error {
    constructor(reached) {
      super(`${reached} is out of reach`)
      this.reached = reached
    }
  }
  const scope = globalThis
  for (let at = scope; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (language.has(name)) continue
      Reflect.deleteProperty(at, name)
      Reflect.defineProperty(scope, name, {
        get() {
          throw new OutOfReach(name)
        },
      })
    }
  }

  /** Line of the expression that threw, from 1; 0 where it is not known. */
  const lineOf = (error, linesBefore) => {
    const stack = error instanceof Error ? String(error.stack) : ''
    const lines = stack.split(`${href}:`).map((text) => Number.parseInt(text, 10) - linesBefore)
    return lines.find((line) => line > 0) ?? 0
  }
  const failureOf = (error, linesBefore) => {
    if (error instanceof NoNumber) return { kind: 'noNumber', index: error.index, value: error.value }
    if (error instanceof NoWhole) return { kind: 'noWhole', index: error.index, value: error.value }
    const line = lineOf(error, linesBefore)
    if (error instanceof OutOfReach) return { kind: 'outOfReach', name: error.reached, line }
    return { kind: 'threw', reason: error instanceof Error ? error.message : String(error), line }
  }

  class NoNumber {
    constructor(index, value) {
      this.index = index
      this.value =
        value === null || value === undefined
          ? String(value)
          : typeof value === 'string'
            ? `"${value}"`
            : typeof value
    }
  }
  class NoWhole {
    constructor(index, value) {
      this.index = index
      this.value = typeof value === 'bigint' ? `${value}n` : String(value)
    }
  }
  const numberAt = (value, index) => {
    if (typeof value === 'number') return value
    if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
    throw new NoNumber(index, value)
  }
  const wideArrays = {
    INT64: [BigInt64Array, (value) => BigInt.asIntN(64, value)],
    UINT64: [BigUint64Array, (value) => BigInt.asUintN(64, value)],
  }
  /** What makes the elements of an output: doubles, or whole numbers of 64 bits without loss. */
  const kindOf = (wide) => {
    if (wide === null) return [Float64Array, numberAt]
    const [Elements, cut] = wideArrays[wide]
    const wholeAt = (value, index) => {
      if (typeof value !== 'bigint') {
        const number = numberAt(value, index)
        if (!Number.isSafeInteger(number)) throw new NoWhole(index, value)
        return wholeAt(BigInt(number), index)
      }
      if (cut(value) !== value) throw new NoWhole(index, value)
      return value
    }
    return [Elements, wholeAt]
  }
  const isArray = (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
  /** Coordinates of an element: row-major. */
  const coordinatesOf = (index, shape) => {
    const at = new Array(shape.length)
    let rest = index
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = rest % shape[axis]
      rest = Math.floor(rest / shape[axis])
    }
    return at
  }
  const elementsOf = (element, shape, count, wide) => {
    const [Elements, elementAt] = kindOf(wide)
    if (count === 0) return new Elements()
    const first = element(0, coordinatesOf(0, shape))
    if (isArray(first)) return Elements.from(first, elementAt)
    const elements = new Elements(count)
    elements[0] = elementAt(first, 0)
    for (let i = 1; i < count; i++) elements[i] = elementAt(element(i, coordinatesOf(i, shape)), i)
    return elements
  }

  return async (make, linesBefore) => {
    const { values, shape, count, wide, port } = await given
    try {
      const elements = elementsOf(make(values), shape, count, wide)
      port.postMessage({ ok: true, elements }, [elements.buffer])
    } catch (error) {
      port.postMessage({ ok: false, failure: failureOf(error, linesBefore) })
    }
  }
})()
