/**
 * Names of a custom kernel's buffers, the one rule of lab, relay and tab: 1 to 100 ASCII letters, digits and `_ . -`, a letter or
 * `_` first. They travel as names of tensors, so each must come back from a frame as it went in: a byte a character, no byte
 * order mark, no half of a surrogate pair, and shorter than MAX_NAME_BYTES.
 */
export const BUFFER_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/
/** What such a name must be, for errors about another one. */
export const BUFFER_NAME_IN_WORDS =
  'must be a name of 1 to 100 ASCII letters, digits, `_`, `.` and `-`, a letter or `_` first'
/** Names of buffers do not begin so: they are the relay's and the tab's own. */
export const OWN_NAMES = 'opentab.'
