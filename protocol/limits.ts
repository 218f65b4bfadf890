/** Every number that means something on the wire or to a person, with its unit and its reason. */

/** The protocol's version; tab and relay must speak the same one. */
export const PROTOCOL_VERSION = 1

/** Largest WebSocket frame either side accepts, bytes. Holds the largest task input plus headers. */
export const MAX_FRAME_BYTES = 72 * 1024 * 1024
/** Largest JSON control message, bytes. */
export const MAX_CONTROL_BYTES = 256 * 1024
/** A tab that says nothing for this long is gone, ms. Three heartbeats and a slow network. */
export const TAB_SILENCE_MS = 15_000
/** How often a tab sends a heartbeat, ms. */
export const HEARTBEAT_MS = 4_000
/** A connection must greet within this time, ms. */
export const HELLO_MS = 5_000
/** Shortest lease, ms: a heartbeat extends it. */
export const LEASE_MS = 15_000
/** Longest time one task may be computed, however often its lease is extended, ms. */
export const TASK_TIME_LIMIT_MS = 10 * 60_000
/** Most leases in one frame, and most leases that one tab may hold. */
export const MAX_LEASES = 64
/** Most results in one frame. */
export const MAX_RESULTS = 64
/** Most tensors of one task, in or out. */
export const MAX_TENSORS = 64
/** Most dimensions of a tensor. */
export const MAX_RANK = 8
/** Longest tensor name, bytes of UTF-8. */
export const MAX_NAME_BYTES = 255
/**
 * Tasks of one job number: the low 13 bits of a task id. A job of a language model takes several numbers in a row, so
 * that every step of its answers has an id of its own.
 */
export const MAX_TASKS_PER_JOB = 8192
/** Job numbers that a job with answers of language models takes: 524,288 tasks. */
export const ANSWERS_JOB_SPAN = 64
/** Most answers of one job; their `generate` tasks have the first indices. */
export const MAX_ANSWERS_PER_JOB = 1024
/** Answers of language models that one tab makes at once, token by token in turn. */
export const ANSWERS_AT_ONCE = 4
/** Share of the memory that a tab gives to language models which the caches of conversations may take. */
export const LANGUAGE_CACHE_SHARE = 0.25
/** Most rows of one step of a stage: a prompt goes round a ring in chunks of this, so that all stages work on it. */
export const STAGE_CHUNK_ROWS = 64
/** Bytes buffered towards one socket above which no more leases are granted to it. */
export const SOCKET_HIGH_WATER_BYTES = 8 * 1024 * 1024
/** Bytes buffered towards one socket above which it is closed as too slow. */
export const SOCKET_LIMIT_BYTES = 160 * 1024 * 1024
/** Bytes of results whose checks are under way above which no more leases are granted. */
export const CHECKING_HIGH_WATER_BYTES = 256 * 1024 * 1024
/**
 * Checks of language models' answers and steps that are under way or wait, above which no new answers are begun: they
 * take a second or more each, one after the other, and a requester who does not read along waits for them.
 */
export const ANSWER_CHECKS_HIGH_WATER = 16
/** Bytes of inputs of all open jobs above which no more jobs are taken: they are held in memory. */
export const OPEN_INPUTS_LIMIT_BYTES = 1024 * 1024 * 1024
/**
 * Messages of a tab about itself (`state`, `ready`, `heartbeat`) that are heard without a pause, and how many more each
 * second: a tab says a few a minute, and each costs the relay's other tabs time.
 */
export const TAB_NEWS_AT_ONCE = 100
export const TAB_NEWS_PER_SECOND = 10
/** Connections from one IP address. */
export const MAX_TABS_PER_IP = 256

/** Attempts that are counted: errors reported, rejections, lost devices. */
export const MAX_FAILED_ATTEMPTS = 3
/** Attempts lost because the tab vanished. */
export const MAX_VANISHED_ATTEMPTS = 8
/** How often the check of one result is tried that cannot be made, which is the relay's fault and no attempt. */
export const MAX_CHECK_TRIES = 10

/** Canonical operations (one multiply-add = 2) of one micro-credit: a credit is 10^9 operations. */
export const OPERATIONS_PER_MICRO_CREDIT = 1000

/** microCredits of a task = ceil(operations / 1000). */
export const microCreditsOf = (operations: number): number =>
  Math.ceil(operations / OPERATIONS_PER_MICRO_CREDIT)

/** An address's first results, all of which are checked. */
export const FIRST_RESULTS_CHECKED = 10
/** Share of the later results that is drawn for a check. */
export const CHECK_RATE = 0.1
