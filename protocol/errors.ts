/**
 * The error catalogue: every error that a person can meet, with its code, HTTP status, OpenAI-style type and the way
 * to mend it. `docs/errors.md` is generated from this table and a test keeps the two equal.
 */

export interface ErrorEntry {
  /** HTTP status of an answer that carries it. */
  status: number
  /** OpenAI's error type. */
  type: 'invalid_request_error' | 'authentication_error' | 'rate_limit_error' | 'server_error'
  /** Whether the same call may succeed later without a change. */
  retryable: boolean
  /** What happened, in one sentence. */
  meaning: string
  /** What the reader can do. */
  fix: string
  /** The same where the error names no field, for a `fix` that speaks of it. */
  unnamedFix?: string
}

const request = (status: number, meaning: string, fix: string): ErrorEntry => ({
  status,
  type: 'invalid_request_error',
  retryable: false,
  meaning,
  fix,
})
const server = (status: number, meaning: string, fix: string, retryable = true): ErrorEntry => ({
  status,
  type: 'server_error',
  retryable,
  meaning,
  fix,
})

export const errorCatalogue = {
  // The requester's side (HTTP).
  invalid_api_key: {
    status: 401,
    type: 'authentication_error',
    retryable: false,
    meaning: 'The API key is missing, unknown or revoked.',
    fix: 'Send `authorization: Bearer KEY`; the operator makes keys with `opentab keys create`.',
  },
  model_not_found: request(404, 'No model of that name is served here.', 'GET /v1/models lists the models.'),
  not_found: request(404, 'There is nothing under that path or id.', 'Check the path and the id.'),
  not_available: request(
    404,
    'This relay version does not have that call yet.',
    'See the README for what this version serves.',
  ),
  unsupported_parameter: {
    ...request(400, 'A field is not supported.', 'Leave the named field out.'),
    unnamedFix: 'Leave it out.',
  },
  invalid_value: {
    ...request(400, 'A field has a value that cannot be used.', 'Correct the named field.'),
    unnamedFix: 'Correct the request.',
  },
  kernel_refused: request(400, 'The kernel breaks a rule.', 'Change the named line.'),
  model_refused: request(
    400,
    'The model file breaks a rule.',
    'Export the model again without what the message names.',
  ),
  body_too_large: request(
    413,
    'The request body is larger than this relay takes.',
    'Send less, or raise OPENTAB_MAX_BODY_BYTES.',
  ),
  rate_limited: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    meaning: 'Too many requests at once.',
    fix: 'Wait for `retry-after` and try again.',
  },
  insufficient_quota: {
    status: 429,
    type: 'rate_limit_error',
    retryable: false,
    meaning: 'The key has reached its spend limit.',
    fix: 'Ask the operator for a key with a higher limit.',
  },
  tab_lost: server(
    502,
    'The tabs that worked on the request were lost and it could not be given to another one.',
    'Try again.',
  ),
  task_failed: server(
    502,
    'The task failed on every tab that tried it.',
    'Check the inputs; the message names the last reason.',
    false,
  ),
  no_tab_available: server(
    503,
    'No tab that can do this came free in time.',
    'Try again later, or connect a tab.',
  ),
  draining: server(503, 'The relay is shutting down.', 'Try again in a few seconds.'),
  time_limit: server(504, 'The request took longer than its time limit.', 'Try again, or send less at once.'),
  context_length_exceeded: request(
    400,
    'Prompt and answer do not fit the context of the model.',
    'Shorten the prompt or ask for fewer tokens; the message has both numbers.',
  ),
  cache_missing: server(
    502,
    'A tab was asked for a step of a sequence whose cache it does not hold.',
    'Nothing to do: the relay sends the sequence again.',
  ),
  cancelled: request(499, 'The job was cancelled.', 'Send it again if it is still wanted.'),
  internal: server(500, 'The relay met an error of its own.', 'Report it with the request id.'),

  // The tab's side (WebSocket). Each has its close code in protocol/closeCodes.ts.
  bad_frame: request(
    400,
    'A frame is truncated, has trailing bytes or holds a field out of range.',
    'Reload the tab.',
  ),
  unknown_message: request(400, 'A message has a type that this version does not know.', 'Reload the tab.'),
  wrong_version: request(
    400,
    'Tab and relay speak different protocol versions.',
    'Reload the tab to get the version of this relay.',
  ),
  frame_too_large: request(413, 'A frame is larger than the limit.', 'Reload the tab.'),
  not_greeted: request(400, 'The first message of a tab must be its hello.', 'Reload the tab.'),
  bad_origin: request(
    403,
    'A page from another site may not connect a tab to this relay.',
    'Open the page that this relay serves.',
  ),
  bad_address: request(
    400,
    'The wallet address is not valid.',
    'Paste the address again; mixed case must match its checksum.',
  ),
  account_banned: request(403, 'This wallet address is banned on this relay.', 'Ask the operator why.'),
  too_many_tabs: request(429, 'Too many tabs from one place.', 'Close some tabs.'),
  too_slow: request(
    400,
    'The tab did not read its messages fast enough.',
    'Check the connection; the tab reconnects by itself.',
  ),
  too_talkative: request(
    429,
    'The tab said more about itself than a relay has time to hear.',
    'Reload the tab; if it comes back, report it.',
  ),
  silent: request(
    400,
    'The tab sent nothing for too long.',
    'Check the connection; the tab reconnects by itself.',
  ),
  replaced: request(400, 'The same tab connected again; the older connection was closed.', 'Nothing to do.'),

  // What can go wrong inside a tab.
  no_gpu: server(
    500,
    'This browser has no WebGPU adapter to work with.',
    'Use a current browser with hardware acceleration switched on.',
    false,
  ),
  device_lost: server(
    500,
    'The graphics driver dropped the GPU device.',
    'The tab waits and rebuilds; after a second loss it stops.',
  ),
  out_of_memory: server(
    500,
    'The device has no memory left for this task.',
    'Lower the intensity, or close other tabs.',
  ),
  wrong_hash: server(
    500,
    'Bytes do not match their SHA-256.',
    'They are fetched again by themselves; if it stays, the source is damaged.',
  ),
  kernel_failed: server(
    500,
    'A kernel could not be compiled or run on this device.',
    'Update the browser or the graphics driver.',
    false,
  ),
  kernel_ended: server(
    500,
    'A custom kernel used up its budget, or did not end in time, on this device.',
    'Bound its loops, make it smaller, or run it where the device is faster.',
    false,
  ),
  kernel_lost_device: server(
    500,
    'A custom kernel made the graphics driver drop its device.',
    'After the loss of a second account it is not run for a day.',
    false,
  ),
  model_failed: server(
    500,
    'The model could not be loaded or run on this device.',
    'Update the browser; the relay gives the task to another tab.',
    false,
  ),
  storage_full: server(
    507,
    'There is no room left for the model.',
    'Free space, raise the limit, or delete models on the page.',
    false,
  ),

  // The relay's checks.
  check_unavailable: server(
    503,
    'A result could not be checked just now.',
    'Nothing to do: the relay checks it again by itself.',
  ),

  // The operator's side.
  bad_configuration: {
    ...request(400, 'A configuration value cannot be used.', 'Correct the named setting.'),
    unnamedFix: 'Correct the configuration.',
  },
  data_in_use: server(
    500,
    'Another relay already uses this data folder.',
    'Stop it, or set OPENTAB_DATA to another folder.',
    false,
  ),
  sqlite_too_old: server(
    500,
    'This SQLite version is too old.',
    'Start with `npm start`, which brings its own Node.',
    false,
  ),
  source_unreachable: server(
    502,
    'None of a model’s sources could be reached.',
    'Check the network, or put the file where the message says.',
  ),
  bad_answer: server(
    502,
    'The relay ended an answer with an error, or sent something that is no answer.',
    'Ask again; the message says what the relay said.',
  ),
  receipt_invalid: request(400, 'The receipt does not verify.', 'The message names the step that failed.'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue

export interface OpentabErrorOptions {
  /** The field or argument that is wrong. */
  param?: string
  /** How to mend it, when more exact than the catalogue's sentence. */
  fix?: string
  /** Seconds after which a retry can help. */
  retryAfterSeconds?: number
  cause?: unknown
}

/** An error for people: `message` says what happened with the values, `fix` how to mend it. */
export class OpentabError extends Error {
  readonly code: ErrorCode
  readonly fix: string
  readonly param: string | null
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message?: string, options: OpentabErrorOptions = {}) {
    super(
      message ?? errorCatalogue[code].meaning,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'OpentabError'
    this.code = code
    this.param = options.param ?? null
    const { fix, unnamedFix }: ErrorEntry = errorCatalogue[code]
    this.fix = options.fix ?? (this.param === null ? (unnamedFix ?? fix) : fix)
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get entry(): ErrorEntry {
    return errorCatalogue[this.code]
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code)
