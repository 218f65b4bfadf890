import type { FastifyReply, FastifyRequest } from 'fastify'
import { OpentabError } from '../../protocol/errors.ts'
import { type HttpContext, leaveSignal } from '../http/httpContext.ts'
import { requesterOf } from '../http/requester.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { runJob } from '../jobs/runJob.ts'
import { type AnswerStream, openAnswerStream } from './answerStream.ts'
import type { AnswerEvent, LanguageEvent } from './languageRun.ts'
import { type OpentabPart, opentabOf } from './opentabOf.ts'
import { SlowReader } from './slowReader.ts'

/** How one of the calls writes its stream. */
export interface StreamFormat {
  /** More of an answer. */
  delta(event: AnswerEvent, stream: AnswerStream): void
  /** The answer is whole: what ends the stream. */
  done(answer: unknown, opentab: OpentabPart, stream: AnswerStream): void
  /** The job failed after the stream had begun. */
  failed(error: OpentabError, stream: AnswerStream): void
}

/**
 * Runs a job and streams its answer. A reader who leaves cancels it; one who reads slowly gets the same text in fewer
 * events. The stream ends with the answer, the job with its checks.
 * @throws OpentabError what the job failed with, where nothing was sent yet
 */
export async function streamJob(
  { core, keys, keyRequired }: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: string,
  body: unknown,
  format: StreamFormat,
): Promise<FastifyReply> {
  const requester = requesterOf(request, keys, keyRequired)
  const stream: AnswerStream = openAnswerStream(reply, core.clock, () => reader.flush())
  const reader = new SlowReader(
    (event) => format.delta(event, stream),
    () => stream.cut(),
  )
  let job: Job | null = null
  let isOver = false
  const end = (write: () => void): void => {
    if (isOver) return
    isOver = true
    reader.flush()
    write()
    stream.end()
  }
  const onEvent = (event: unknown): void => {
    const told = event as LanguageEvent
    if ('whole' in told) end(() => format.done(told.whole, opentabOf(job!), stream))
    else reader.push(told, stream.behind)
  }
  try {
    const ended = await runJob(core, { kind, body, requester, onEvent }, leaveSignal(reply), (started) => {
      job = started
    })
    end(() => format.done(ended.answer, opentabOf(ended), stream))
  } catch (thrown) {
    const error =
      thrown instanceof OpentabError ? thrown : new OpentabError('internal', undefined, { cause: thrown })
    if (error.code === 'internal') core.report(error.cause ?? error, `a stream of ${kind}`)
    if (!stream.begun) {
      stream.end()
      throw error
    }
    end(() => format.failed(error, stream))
  }
  return reply
}
