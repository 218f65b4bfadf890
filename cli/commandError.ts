/** 1 failed, 2 wrong usage, 130 ended by Ctrl+C as shells tell it (128 + SIGINT). */
export type ExitCode = 1 | 2 | 130

/** A command that failed: its message is for people, its exit code 1 unless it says otherwise. */
export class CommandError extends Error {
  readonly exitCode: ExitCode
  /** What `--json` prints: the relay's answer, where there was one. */
  readonly document: unknown
  /** Whether no relay answered: nothing at all, half an answer, or a proxy that says so (502 to 504). */
  readonly unreachable: boolean

  constructor(
    message: string,
    options: { exitCode?: ExitCode; document?: unknown; unreachable?: boolean } = {},
  ) {
    super(message)
    this.name = 'CommandError'
    this.exitCode = options.exitCode ?? 1
    this.document = options.document
    this.unreachable = options.unreachable ?? false
  }
}
