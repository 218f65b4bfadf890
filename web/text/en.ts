import { enAccount } from './enAccount.ts'
import { enChat } from './enChat.ts'
import { enContribute } from './enContribute.ts'
import { enFrame } from './enFrame.ts'
import { enNetwork } from './enNetwork.ts'
import { enPanel } from './enPanel.ts'
import { enWork } from './enWork.ts'

/**
 * Every text of the pages, in English, but for the lab's (web/text/enLab.ts). Another language is a file with the same keys.
 * The comment over a text tells a translator where it stands and what its values are; a test demands one for each.
 * Syntax: web/text/formatMessage.ts. Write short sentences, second person, present tense, no exclamation marks.
 * Words with one meaning everywhere: tab, task, credit, receipt, relay, model.
 */
export const en = {
  ...enFrame,
  ...enContribute,
  ...enPanel,
  ...enWork,
  ...enChat,
  ...enNetwork,
  ...enAccount,
} as const

export type TextKey = keyof typeof en
