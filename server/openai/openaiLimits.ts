/** Largest body of a chat, completions or responses call, bytes: text only, so far less than a picture. */
export const MAX_TEXT_BODY_BYTES = 8 * 1024 * 1024
/** Most values (objects, lists, texts, numbers) of a body, so that reading it never holds up the event loop. */
export const MAX_BODY_VALUES = 100_000
/** Deepest nesting of a body: a schema of OpenAI's depth inside a tool, and room. */
export const MAX_BODY_DEPTH = 64
/** Most messages of a conversation. */
export const MAX_MESSAGES = 4096
/** Most answers that are asked for at once, for one prompt. */
export const MAX_CHOICES = 8
/** Most prompts of one completions call. */
export const MAX_PROMPTS = 32
/** Most tools of a request, as OpenAI has it. */
export const MAX_TOOLS = 128
/** Most alternatives of a token in a completions call, as OpenAI has it. */
export const MAX_COMPLETION_LOGPROBS = 5
/** Longest time that a template and a tokenizer may work on one prompt, ms. */
export const PROMPT_TIME_LIMIT_MS = 10_000
/** Most prompts that may wait for the tokenizer's thread: it makes one of usual length in some milliseconds. */
export const MAX_WAITING_PROMPTS = 256
/** Most characters of them together, which wait in memory. */
export const MAX_WAITING_CHARACTERS = 64 * 1024 * 1024
/** When a request may come again that found too many waiting, s. */
export const PROMPT_RETRY_S = 2
/** A comment keeps a stream open while its request waits in the queue, ms. */
export const KEEP_ALIVE_MS = 15_000
/** Bytes of a stream that a reader has not taken above which the reader has left. */
export const MAX_UNREAD_BYTES = 16 * 1024 * 1024
/** Longest list of receipts in a header, characters: clients refuse headers over 16 KB. */
export const MAX_RECEIPT_HEADER_CHARACTERS = 4096
