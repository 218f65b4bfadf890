import { afterEach, describe, expect, it } from 'vitest'
import { fixtureLanguage, plainTemplate, toolTemplate } from './fixtureLanguage.ts'
import { LanguageTexts } from './languageText.ts'
import { MAX_WAITING_PROMPTS } from './openaiLimits.ts'
import { bareCalls, taggedCalls } from './toolConvention.ts'

const open: LanguageTexts[] = []
afterEach(() => Promise.all(open.splice(0).map((texts) => texts.close())))

function textsOf(...languages: ReturnType<typeof fixtureLanguage>[]) {
  const reads: string[] = []
  const texts = new LanguageTexts((sha256) => {
    reads.push(sha256)
    return languages.find(({ files }) => files.has(sha256))!.readFile(sha256)
  })
  open.push(texts)
  return { texts, reads }
}
const hello = { messages: [{ role: 'user' as const, content: 'Hello' }], tools: null, begin: '' }

describe('the text side of a model', () => {
  it('makes prompts by the model’s own template and tokenizer, and text of tokens', async () => {
    const language = fixtureLanguage()
    const text = await textsOf(language).texts.of(language.model)
    const prompt = await text.chat(hello)
    const expected = '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n'
    expect(prompt).toEqual(language.tokenizer.encode(expected))
    expect(prompt[0]).toBe(1)
    expect(await text.chat({ ...hello, begin: '<tool_call>\n' })).toEqual(
      language.tokenizer.encode(`${expected}<tool_call>\n`),
    )
    const stream = text.openStream(['stop'])
    expect(stream.push(language.tokenizer.encode('Grüße, 😀 st'))).toEqual({
      text: 'Grüße, 😀 ',
      stopped: null,
    })
    expect(stream.push(language.tokenizer.encode('op it'))).toMatchObject({ text: '', stopped: 'stop' })
    expect(text.tokens.vocabulary).toBe(language.tokenizer.vocabulary)
    expect(text.tokens.of(2)).toHaveLength(0)
    expect(text.tokens.of(1_000_000)).toHaveLength(0)
  })

  it('is loaded once for each model, also when many ask at once', async () => {
    const [one, other] = [fixtureLanguage(), fixtureLanguage({ id: 'other', template: toolTemplate })]
    const { texts, reads } = textsOf(one, other)
    const asked = await Promise.all([one, one, other, one].map(({ model }) => texts.of(model)))
    await Promise.all(asked.map((text) => text.chat(hello)))
    expect(
      reads.filter((sha256) => sha256 === one.model.manifest.language!.chatTemplate!.sha256),
    ).toHaveLength(2)
    expect(asked.map(({ toolStyle }) => toolStyle)).toEqual([
      { convention: taggedCalls, byTemplate: false },
      { convention: taggedCalls, byTemplate: false },
      { convention: taggedCalls, byTemplate: true },
      { convention: taggedCalls, byTemplate: false },
    ])
  })

  it('begins plain prompts with the begin token, once', async () => {
    const language = fixtureLanguage({ generation: { beginToken: 0 } })
    const text = await textsOf(language).texts.of(language.model)
    const plain = language.tokenizer.encode('One')
    expect(await text.prompts(['One', '<|endoftext|>One'])).toEqual([
      [0, ...plain],
      [0, ...plain],
    ])
  })

  it('gives the template its begin and end texts', async () => {
    const language = fixtureLanguage({
      template: '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ enable_thinking }}',
      generation: { beginToken: 0 },
    })
    const text = await textsOf(language).texts.of(language.model)
    expect(await text.chat(hello)).toEqual([
      0,
      ...language.tokenizer.encode('Hello'),
      2,
      ...language.tokenizer.encode('false'),
    ])
  })

  it('refuses what cannot fit by its length alone, with both numbers, and tokenises nothing', async () => {
    const language = fixtureLanguage()
    const text = await textsOf(language).texts.of(language.model)
    const started = performance.now()
    await expect(text.prompts(['x'.repeat(4_000_000)])).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringMatching(
        /maximum context length is 512 tokens, however your prompt has at least \d{4,}/,
      ),
    })
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('says what a template has against the messages', async () => {
    const language = fixtureLanguage({ template: toolTemplate })
    const text = await textsOf(language).texts.of(language.model)
    const messages = [hello.messages[0]!, { role: 'system' as const, content: 'late' }]
    await expect(text.chat({ ...hello, messages })).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'messages',
      message: expect.stringContaining('The system message must come first.'),
    })
  })

  it('refuses a template that does not parse, and a conversation with a model that has none', async () => {
    const [broken, none] = [
      fixtureLanguage({ template: '{% if %}' }),
      fixtureLanguage({ id: 'base', template: null }),
    ]
    const { texts } = textsOf(broken, none)
    await expect(texts.of(broken.model)).rejects.toMatchObject({ code: 'model_refused' })
    const text = await texts.of(none.model)
    await expect(text.chat(hello)).rejects.toMatchObject({ code: 'invalid_value', param: 'model' })
    expect(await text.prompts(['One'])).toHaveLength(1)
  })

  it('refuses requesters beyond those that may wait, and makes the prompts of the others', async () => {
    const language = fixtureLanguage()
    const text = await textsOf(language).texts.of(language.model)
    const asker = { signal: new AbortController().signal }
    const asked = await Promise.allSettled(
      Array.from({ length: MAX_WAITING_PROMPTS + 20 }, (_, i) =>
        i % 2 === 0 ? text.chat(hello, asker) : text.prompts(['Hello'], asker),
      ),
    )
    const refused = asked.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(20)
    expect(refused[0]).toMatchObject({ reason: { code: 'rate_limited', retryAfterSeconds: 2 } })
  })

  it('ends a prompt that takes too long, and goes on with the others', async () => {
    const endless = fixtureLanguage({
      id: 'endless',
      template: '{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}',
    })
    const good = fixtureLanguage()
    const texts = new LanguageTexts(
      (sha256) => (endless.files.has(sha256) ? endless : good).readFile(sha256),
      { limitMs: 300 },
    )
    open.push(texts)
    const [slow, quick] = await Promise.all([texts.of(endless.model), texts.of(good.model)])
    const late = expect(slow.chat(hello)).rejects.toMatchObject({ code: 'time_limit' })
    expect((await quick.chat(hello)).length).toBeGreaterThan(5)
    await late
  })
})

it('a template’s way of telling tools is seen in its text', async () => {
  const styles = await Promise.all(
    [
      '{% if tools %}{"name": function name, "parameters": dictionary of argument name}{% endif %}',
      '{% if tools %}[TOOL_CALLS]{% endif %}',
      '{% if tools %}<tool_call><function={{ name }}>{% endif %}',
      plainTemplate,
    ].map(async (template, i) => {
      const language = fixtureLanguage({ id: `style-${i}`, template })
      return (await textsOf(language).texts.of(language.model)).toolStyle
    }),
  )
  expect(styles).toEqual([
    { convention: bareCalls, byTemplate: true },
    { convention: taggedCalls, byTemplate: false },
    { convention: taggedCalls, byTemplate: false },
    { convention: taggedCalls, byTemplate: false },
  ])
})
