import frameUrl from './expressionFrame.html?url&no-inline'
import runner from './expressionRunner.js?raw'
import {
  type ExpressionAnswer,
  type ExpressionSandbox,
  type ExpressionTask,
  expressionAnswer,
  movedWith,
} from './expressionTask.ts'

/**
 * Runs expressions of whoever wrote the session in a frame with an opaque origin: no storage, no GPU, no network of the
 * relay's origin is within their reach. Each has a worker of its own, which ends with its answer or
 * after its time. What is asked while one runs waits for its end.
 * @param withinMs how long an expression may take, with the frame's start
 */
export function createExpressionSandbox(withinMs: number): ExpressionSandbox & { close(): void } {
  let frame: HTMLIFrameElement | null = null
  let loaded: Promise<void> = Promise.resolve()

  function open(): HTMLIFrameElement {
    if (frame?.isConnected) return frame
    const made = document.createElement('iframe')
    made.setAttribute('sandbox', 'allow-scripts')
    made.hidden = true
    made.src = frameUrl
    loaded = new Promise((resolve) => made.addEventListener('load', () => resolve(), { once: true }))
    document.body.append(made)
    frame = made
    return made
  }
  /** Ends whatever runs there. */
  function close(): void {
    frame?.remove()
    frame = null
  }

  async function evaluateAlone(task: ExpressionTask): Promise<ExpressionAnswer> {
    const { code, linesBefore } = codeOf(task)
    const answer = new MessageChannel()
    const trouble = new MessageChannel()
    const { promise, resolve } = Promise.withResolvers<ExpressionAnswer>()
    const failed = (reason: string, line: number): void =>
      resolve({ ok: false, failure: { kind: 'threw', reason, line } })
    answer.port1.onmessage = ({ data }) => {
      const read = expressionAnswer.safeParse(data)
      if (read.success) resolve(read.data as ExpressionAnswer)
      else failed('It sent something else than its elements.', 0)
    }
    trouble.port1.onmessage = ({ data: { message, lineno } }) =>
      failed(String(message).replace(/^Uncaught (?:SyntaxError: )?/, ''), Number(lineno) - linesBefore)
    const timer = setTimeout(() => {
      close()
      resolve({ ok: false, failure: { kind: 'slow', withinMs } })
    }, withinMs)
    try {
      const at = open()
      await Promise.race([loaded, promise])
      const { values, shape, count, wide } = task
      const moved = movedWith(task)
      at.contentWindow?.postMessage({ code, given: { values, shape, count, wide }, moved }, '*', [
        answer.port2,
        trouble.port2,
        ...moved,
      ])
      return await promise
    } finally {
      clearTimeout(timer)
      answer.port1.close()
      trouble.port1.close()
    }
  }
  let last: Promise<unknown> = Promise.resolve()
  function evaluate(task: ExpressionTask): Promise<ExpressionAnswer> {
    const answer = last.then(() => evaluateAlone(task))
    last = answer.catch(() => {})
    return answer
  }
  return { evaluate, close }
}

/** The worker's code, with the expression in lines of its own at its end. */
function codeOf({ text, values }: ExpressionTask): { code: string; linesBefore: number } {
  const before = `${runner}\nopentabRun(({ ${Object.keys(values).join(', ')} }) => (i, at) => (`
  const linesBefore = before.split('\n').length
  return { code: `${before}\n${text}\n), ${linesBefore})\n`, linesBefore }
}
