/** Texts of the chat. The rules are those of web/text/en.ts. */
export const enChat = {
  /** Name and headline of the chat page. */
  'chat.title': 'Chat with the network',
  /** Label of the list of language models. */
  'chat.model': 'Model',
  /** Beside the list. n = tabs that hold the model whole. */
  'chat.whole': '{n, plural, one {Whole in # tab} other {Whole in # tabs}}',
  /** Beside the list. n = tabs that hold the model together. */
  'chat.shared': '{n, plural, one {Shared over # tab} other {Shared over # tabs}}',
  /** Beside the list. held of stages = parts of the model that some tab holds. */
  'chat.partly': 'No tab can answer now: tabs hold {held} of its {stages} parts',
  /** Beside the list. megabytes = memory that a tab must give to hold the largest part. */
  'chat.tooLittle': 'No tab can answer now: none gives the memory for a part of the model, {megabytes} MB',
  /** Beside the list, where the relay does not tell more. n = tabs that hold the model. */
  'chat.tabs':
    '{n, plural, =0 {No tab can answer now} one {# tab can answer now} other {# tabs can answer now}}',
  /** In the list, behind a model that no tab can answer with now. */
  'chat.asleep': '{model} (no tab now)',
  /** In the list, behind a model that the conversation had and that the relay does not serve now. */
  'chat.goneOption': '{model} (not served)',
  /** The conversation's model is not served any more. */
  'chat.gone': '{model} is not served here now. Choose another model above: the conversation stays.',
  /** Over the field while no tab can answer. link = the text of chat.noTabLink. */
  'chat.noTab': 'No tab can answer with this model now. What you send waits for one. You can {link}.',
  /** Link to the contribute page, inside chat.noTab. */
  'chat.noTabLink': 'lend a tab yourself',
  /** The relay serves no language model. command = what an operator types. */
  'chat.noModels': 'This relay serves no language model yet. Its operator can add one with {command}.',
  /** While the list of models is asked for. */
  'chat.asking': 'Asking the relay for its models',
  /** Stands over the field for the message. */
  'chat.privacy': 'Contributors’ machines can read what you send.',
  /** Label of the field for the message. */
  'chat.message': 'Message',
  /** In the empty field; Enter and Shift are keys. */
  'chat.placeholder': 'Write a message',
  /** Beside the line over the field, on wide screens; Enter, Shift and Escape are keys. */
  'chat.keys': 'Enter sends, Shift and Enter begin a new line, Escape stops.',
  /** Button: sends the message. */
  'chat.send': 'Send',
  /** Button: ends the answer that is being written. */
  'chat.stop': 'Stop',
  /** Button: asks for the last answer once more. */
  'chat.regenerate': 'Regenerate',
  /** Button under an answer that failed: asks once more. */
  'chat.retry': 'Retry',
  /** Button: begins a new conversation. */
  'chat.new': 'New chat',
  /** Button under an answer: copies its text. */
  'chat.copy': 'Copy',
  /** The same button for a moment after it was pressed. */
  'chat.copied': 'Copied',
  /** Button under an answer: shows the text as it came, without layout. */
  'chat.raw': 'Plain text',
  /** Button under an answer: shows the text with layout again. */
  'chat.rendered': 'Formatted',
  /** Accessible name of the list of messages. */
  'chat.conversation': 'Conversation',
  /** Who wrote a message: the reader. */
  'chat.you': 'You',
  /** An empty conversation. */
  'chat.empty': 'Ask anything. The answer comes from a model in the tabs of contributors.',
  /** While the first text is waited for. wait = a length of time, from a second on. */
  'chat.waiting': 'Waiting for a tab, {wait}',
  /** The same within the first second. */
  'chat.waitingNow': 'Waiting for a tab',
  /** Under an answer while it is written. speed = a number. */
  'chat.pace': 'Writing, about {speed} tok/s',
  /** The same before the speed is known. */
  'chat.writingNow': 'Writing',
  /** The reader pressed Stop. */
  'chat.stopped': 'Stopped.',
  /** The answer is as long as was allowed. */
  'chat.length': 'The answer reached its limit of tokens.',
  /** The model asked for a function, which the page cannot call. */
  'chat.tools': 'The model asked for a function. This page has none.',
  /** An answer could not be given. reason = a sentence. */
  'chat.failed': 'No answer: {reason}',
  /** Under an answer. n = tokens, speed = a number. */
  'chat.speed': '{n, plural, one {# token} other {# tokens}}, {speed} tok/s',
  /** Under an answer of which the speed is not known. n = tokens. */
  'chat.tokens': '{n, plural, one {# token} other {# tokens}}',
  /** Under an answer. time = a short time with its unit. */
  'chat.first': 'first text after {time}',
  /** Tooltip of the count of tokens. prompt, cached = numbers. */
  'chat.prompt': 'Prompt of {prompt} tokens, of which a tab still had {cached}.',
  /** Under an answer. classes = names of device classes with commas between. */
  'chat.answeredBy': 'answered by {classes}',
  /** The same where several accounts worked on one answer. n = accounts. */
  'chat.answeredByMany':
    '{n, plural, one {answered by # contributor} other {answered by # contributors}}: {classes}',
  /** Link to a receipt. n = its number among those of the answer, from 1; hidden where there is only one. */
  'chat.receipt': '{n, plural, =0 {receipt} other {receipt #}}',
  /** Folded away under an answer: its receipts. n = how many, at least two. */
  'chat.receipts': '{n, plural, one {# receipt} other {# receipts}}',
  /** In that list, of a receipt that the relay has not published yet. */
  'chat.receiptDue': 'not published yet',
  /** Button under that list. n = how many more it shows. */
  'chat.moreReceipts': '{n, plural, one {Show # more} other {Show # more}}',
  /** Folded away: choices for the answers. */
  'chat.settings': 'Settings',
  /** Label of a number. */
  'chat.temperature': 'Temperature, 0 to 2',
  /** Under that number. */
  'chat.temperatureHint': '0 always takes the likeliest word. Empty: the model’s own.',
  /** Label of a number from which the random choices of an answer are drawn. */
  'chat.seed': 'Seed',
  /** Under that number. */
  'chat.seedHint': 'The same seed gives the same answer again. Empty: a new one each time.',
  /** Label of a number. */
  'chat.limit': 'Most tokens of an answer',
  /** Under that number. */
  'chat.limitHint': 'Empty: as long as the model’s context allows.',
  /** Label of a text field. */
  'chat.system': 'Instruction',
  /** Under that field. */
  'chat.systemHint': 'Stands before the conversation, for example: Answer in one sentence.',
  /** Label of a field for a secret. */
  'chat.apiKey': 'API key',
  /** Under that field. */
  'chat.apiKeyHint': 'Only where the relay asks for one. It is forgotten when you leave.',
  /** Why there is no answer: the relay takes only who has a key, and none was given. Names the field above. */
  'chat.wantsKey': 'This relay wants an API key. Give it under Settings, “API key”.',
  /** Why there is no answer: the key that was given is unknown or was revoked. */
  'chat.refusedKey': 'The relay does not take this API key. Give another one under Settings, “API key”.',
  /** Folded away: conversations of this and earlier visits. n = how many. */
  'chat.history': '{n, plural, one {# chat} other {# chats}}',
  /** Over the list of earlier conversations. */
  'chat.historyHint': 'Kept in this browser only.',
  /** Button beside an earlier conversation. */
  'chat.delete': 'Delete',
  /** Accessible name of that button. title = the conversation's first words. */
  'chat.deleteLabel': 'Delete “{title}”',
} as const
