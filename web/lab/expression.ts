import jsep from 'jsep'
import { LabError, wordsOf } from './labWords.ts'
import type { Expression } from './session.ts'

/** An expression cannot be worked out; `words` say why. */
export class ExpressionError extends LabError {
  override readonly name = 'ExpressionError'
}

const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  ceilDiv: (a, b) => Math.ceil(a! / b!),
  min: Math.min,
  max: Math.max,
  ceil: Math.ceil,
  floor: Math.floor,
  sqrt: Math.sqrt,
  log2: Math.log2,
}
/** What expressions may call, for the page's hint. */
export const functionNames: readonly string[] = Object.keys(functions)

/**
 * The value of an expression over named numbers: numbers, names, + - * / % **, parentheses and the functions above.
 * @throws ExpressionError
 */
export function evaluateExpression(text: Expression, scope: Readonly<Record<string, number>>): number {
  const plain = text.trim()
  if (plain === '') throw new ExpressionError(wordsOf('expression.empty'))
  let parsed: jsep.Expression
  try {
    parsed = jsep(plain)
  } catch (error) {
    const at = error instanceof Error && 'index' in error ? Number(error.index) : 0
    throw new ExpressionError(wordsOf('expression.syntax', { at: Math.min(at, plain.length - 1) + 1 }))
  }
  const value = evaluate(parsed, scope)
  if (!Number.isFinite(value))
    throw new ExpressionError(wordsOf('expression.infinite', { value: String(value) }))
  return value
}

function evaluate(node: jsep.Expression, scope: Readonly<Record<string, number>>): number {
  if (isLiteral(node) && typeof node.value === 'number') return node.value
  if (isIdentifier(node)) {
    if (!Object.hasOwn(scope, node.name)) {
      throw new ExpressionError(wordsOf('expression.unknownName', { name: node.name }))
    }
    return scope[node.name]!
  }
  if (isUnary(node)) {
    const value = evaluate(node.argument, scope)
    if (node.operator === '-') return -value
    if (node.operator === '+') return value
  }
  if (isBinary(node)) {
    const left = evaluate(node.left, scope)
    const right = evaluate(node.right, scope)
    switch (node.operator) {
      case '+':
        return left + right
      case '-':
        return left - right
      case '*':
        return left * right
      case '/':
        return left / right
      case '%':
        return left % right
      case '**':
        return left ** right
    }
  }
  if (isCall(node) && isIdentifier(node.callee) && Object.hasOwn(functions, node.callee.name)) {
    return functions[node.callee.name]!(...node.arguments.map((argument) => evaluate(argument, scope)))
  }
  throw new ExpressionError(wordsOf('expression.noArithmetic', { functions: functionNames.join(', ') }))
}

const isLiteral = (node: jsep.Expression): node is jsep.Literal => node.type === 'Literal'
const isIdentifier = (node: jsep.Expression): node is jsep.Identifier => node.type === 'Identifier'
const isUnary = (node: jsep.Expression): node is jsep.UnaryExpression => node.type === 'UnaryExpression'
const isBinary = (node: jsep.Expression): node is jsep.BinaryExpression => node.type === 'BinaryExpression'
const isCall = (node: jsep.Expression): node is jsep.CallExpression => node.type === 'CallExpression'
