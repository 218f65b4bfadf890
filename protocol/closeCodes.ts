import type { ErrorCode } from './errors.ts'

/** What a tab does after a close: connect again after a pause, or stop and say why. */
export type AfterClose = 'reconnect' | 'reload' | 'stop'

/** WebSocket close codes of `/tab`, each with the error it stands for and what the tab does. */
export const closeCodes = {
  drain: { code: 1012, error: 'draining', after: 'reconnect' },
  badFrame: { code: 4000, error: 'bad_frame', after: 'reload' },
  wrongVersion: { code: 4001, error: 'wrong_version', after: 'reload' },
  unknownMessage: { code: 4002, error: 'unknown_message', after: 'reload' },
  frameTooLarge: { code: 4003, error: 'frame_too_large', after: 'reload' },
  notGreeted: { code: 4004, error: 'not_greeted', after: 'reload' },
  badAddress: { code: 4005, error: 'bad_address', after: 'stop' },
  accountBanned: { code: 4006, error: 'account_banned', after: 'stop' },
  tooManyTabs: { code: 4007, error: 'too_many_tabs', after: 'reconnect' },
  tooSlow: { code: 4008, error: 'too_slow', after: 'reconnect' },
  silent: { code: 4009, error: 'silent', after: 'reconnect' },
  replaced: { code: 4010, error: 'replaced', after: 'stop' },
  tooTalkative: { code: 4011, error: 'too_talkative', after: 'reload' },
} as const satisfies Record<string, { code: number; error: ErrorCode; after: AfterClose }>

export type CloseReason = keyof typeof closeCodes

/** The row of a close code; undefined for codes of the WebSocket protocol itself (the tab reconnects). */
export const closeReasonOf = (code: number): CloseReason | undefined =>
  (Object.keys(closeCodes) as CloseReason[]).find((reason) => closeCodes[reason].code === code)
