/** Every number of the embeddings pipeline that means something, with its unit and its reason. */

/** Most tokens of one text, the two special ones included: what all-MiniLM-L6-v2 was trained to pool over. */
export const MAX_TOKENS = 256
/** Most texts of one request, as with OpenAI. */
export const MAX_TEXTS = 2048
/** Longest text that is tokenised at all, UTF-16 units: longer ones cannot fit and would only cost time. */
export const MAX_TEXT_LENGTH = 32_768

/** Most tokens of one task, padding included: about 100 short sentences, 3 MB of output. */
export const MAX_TASK_TOKENS = 2048
/** Fewest tokens for which a task of its own is worth its way over the network. */
export const MIN_TASK_TOKENS = 128
/** Tasks that a request is cut into when it is large enough: several tabs share it evenly. */
export const WANTED_TASKS = 8
