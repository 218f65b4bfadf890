import { afterAll, beforeAll } from 'vitest'
import { FixtureChatRelay, type Say } from '../fixtureChatRelay.ts'

/** What the model of the client tests says, by what it was asked: words, a call, JSON, or words without an end. */
const say: Say = async function* ({ prompt, options }) {
  if (options.constraint?.kind === 'json_schema' && prompt.endsWith('<tool_call>\n')) {
    yield '{"name": "weather", '
    yield '"arguments": {"city": "Oslo"}}'
  } else if (options.constraint?.kind === 'json_schema' || options.constraint?.kind === 'json_object') {
    yield '{"city": "Oslo", '
    yield '"degrees": 7}'
  } else if (prompt.includes('<tool_response>')) {
    yield 'It is 7 degrees in Oslo.'
  } else if (options.constraint?.kind === 'tags') {
    yield 'Let me look.\n<tool_call>\n{"name": "weather", "arg'
    yield 'uments": {"city": "Oslo"}}\n</tool_call>'
  } else if (prompt.includes('for ever')) {
    for (;;) {
      yield 'word '
      await new Promise((resolve) => setImmediate(resolve))
    }
  } else {
    yield 'Hello '
    yield 'there.'
  }
}

/** A relay with one such tab, for the tests of a file. */
export function useClientRelay(): { readonly relay: FixtureChatRelay; readonly baseURL: string } {
  let relay: FixtureChatRelay
  beforeAll(async () => {
    relay = await FixtureChatRelay.open({ contextTokens: 4096 })
    await relay.tab(say)
  })
  afterAll(() => relay.close())
  return {
    get relay() {
      return relay
    },
    get baseURL() {
      return `${relay.url}/v1`
    },
  }
}

export const model = 'fixture-chat'

/** Arguments of the tool that all clients offer. */
export const cityParameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
