import type { OnnxGraph } from './graph.ts'
import { inferShapes } from './inferShapes.ts'

/** What one run costs and gives for input shapes. */
export interface Quote {
  /** Canonical operations; one multiply-add = 2. */
  operations: number
  outputShapes: ReadonlyMap<string, readonly number[]>
}

/** Distinct shapes that are remembered a graph: OCR crops and sentence batches come in some hundreds. */
const MAX_QUOTES = 1024

const quotes = new WeakMap<OnnxGraph, Map<string, Quote>>()

/**
 * Cost and output shapes of one run. Remembered by shapes.
 * @throws OpentabError `invalid_value` when the shapes cannot go into the graph
 */
export function quoteOf(graph: OnnxGraph, inputShapes: ReadonlyMap<string, readonly number[]>): Quote {
  const known = quotes.get(graph) ?? new Map<string, Quote>()
  quotes.set(graph, known)
  const key = graph.inputs.map(({ name }) => inputShapes.get(name)?.join('x') ?? '-').join(' ')
  const there = known.get(key)
  if (there) return there
  const { facts, operations } = inferShapes(graph, inputShapes)
  const outputShapes = new Map(graph.outputs.map(({ name }) => [name, facts.get(name)?.shape ?? []]))
  const quote = { operations, outputShapes }
  const [oldest] = known.keys()
  if (known.size >= MAX_QUOTES && oldest !== undefined) known.delete(oldest)
  known.set(key, quote)
  return quote
}

/** Canonical operations of one run; one multiply-add = 2. The rules: models/onnx/costRules.ts. */
export const operationsOf = (graph: OnnxGraph, inputShapes: ReadonlyMap<string, readonly number[]>): number =>
  quoteOf(graph, inputShapes).operations
