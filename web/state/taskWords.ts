import type { CurrentTask, TaskLogEntry } from '../../worker/link/tabApi.ts'
import { isTextKey, say } from '../text/say.ts'

/** What a task does, in words that fit into “Working on …”. */
export function workOf(task: Pick<CurrentTask, 'kind' | 'subject' | 'graph'>): string {
  const { kind, subject, graph } = task
  if (kind === 'custom') return say('work.program', { program: subject })
  if (subject === 'matmul-i8') return say('work.matmulI8')
  if (subject === 'matmul-f32') return say('work.matmulF32')
  if (subject.includes('ocr')) {
    if (graph?.startsWith('det')) return say('work.ocrDetect')
    if (graph?.startsWith('rec')) return say('work.ocrRead')
    if (graph?.startsWith('ori') || graph?.startsWith('cls')) return say('work.ocrTurn')
    return say('work.ocr')
  }
  if (subject.includes('minilm')) return say('work.embeddings')
  if (graph === null || graph === 'main') return say('work.model', { model: subject })
  return say('work.modelStep', { model: subject, step: graph })
}

/** How a result was checked: the word and what it means. `null` while the relay checks it. */
export function verdictWords(verdict: TaskLogEntry['verdict'] | string): { word: string; why: string } {
  const key = `verdict.${verdict ?? 'pending'}`
  const why = `${key}.why`
  return isTextKey(key) && isTextKey(why)
    ? { word: say(key), why: say(why) }
    : { word: String(verdict), why: '' }
}

/** A task kind in one word; an unknown one as it is. */
export function kindWord(kind: string): string {
  const key = `kind.${kind}`
  return isTextKey(key) ? say(key) : kind
}

/** Why a task earned nothing and what to do; null where nothing went wrong. */
export function troubleOf(entry: Pick<TaskLogEntry, 'kind' | 'verdict' | 'reason'>): string | null {
  const reason = entry.reason === null || entry.reason === '' ? null : asSentence(entry.reason)
  if (entry.verdict === 'rejected') {
    return reason === null ? say('tasks.rejectedPlain') : say('tasks.rejected', { reason })
  }
  if (entry.verdict === 'failed') {
    if (reason === null) return say('verdict.failed.why')
    return say(entry.kind === 'custom' ? 'tasks.programFailed' : 'tasks.failed', { reason })
  }
  return null
}

/** A sentence from elsewhere, closed with a full stop so that another can follow. */
export const asSentence = (text: string): string =>
  /[.?!。]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
