import type { Constraint } from '../../../../protocol/generation.ts'
import { createConstraint } from '../createConstraint.ts'
import { allowedTexts, END, tokenizer } from '../grammarTestbed.ts'

interface Question {
  constraint: Constraint
  /** The text so far. */
  given: string
}

addEventListener('message', async ({ data }) => {
  const { constraint, given } = data as Question
  try {
    const opened = await createConstraint(constraint, tokenizer, [END])
    for (const id of tokenizer.encode(given)) opened.accept(id)
    postMessage(allowedTexts(await opened.mask()))
  } catch (error) {
    postMessage([String(error)])
  }
})
