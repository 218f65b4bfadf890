import { ANSWER_CHECKS_HIGH_WATER } from '../../protocol/limits.ts'
import type { Core } from '../core.ts'

/** What a check that is under way, or waits, holds on to. */
export interface BackloggedCheck {
  /** Bytes of the result. */
  bytes: number
  /** Whether it is a part of a language model's answer, whose checks take seconds each. */
  isAnswer: boolean
}

/** A check begins to wait. */
export function enterBacklog(core: Core, { bytes, isAnswer }: BackloggedCheck): void {
  core.checkingBytes += bytes
  if (isAnswer) core.checkingAnswers++
}

/** It waits no longer: what was held back for it may begin. */
export function leaveBacklog(core: Core, { bytes, isAnswer }: BackloggedCheck): void {
  core.checkingBytes -= bytes
  if (isAnswer) {
    const wereHeldBack = answersHeldBack(core)
    core.checkingAnswers--
    if (wereHeldBack && !answersHeldBack(core)) core.answers.checksCaughtUp()
  }
  core.wake()
}

/** Whether no new answers of language models are begun, because too many wait for their checks. */
export const answersHeldBack = (core: Core): boolean => core.checkingAnswers > ANSWER_CHECKS_HIGH_WATER

/** The end of a sentence on why an answer is not begun: `; 17 answers wait for their checks`, or nothing. */
export const backlogInWords = (core: Core): string =>
  answersHeldBack(core) ? `; ${core.checkingAnswers} answers wait for their checks` : ''
