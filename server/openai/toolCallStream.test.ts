import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ToolCallStream, type ToolCallStreamOptions } from './toolCallStream.ts'
import { bareCalls, taggedCalls } from './toolConvention.ts'

const tagged: ToolCallStreamOptions = {
  convention: taggedCalls,
  names: ['add', 'find'],
  parallel: true,
  isOpen: false,
}

/** What a text says and calls, however it is cut. */
function read(pieces: readonly string[], options: ToolCallStreamOptions = tagged) {
  const stream = new ToolCallStream(options)
  const calls: { name: string; arguments: string }[] = []
  let content = ''
  for (const piece of [...pieces.flatMap((text) => stream.push(text)), ...stream.end()]) {
    if (piece.kind === 'content') content += piece.text
    else if (piece.kind === 'call') calls[piece.index] = { name: piece.name, arguments: '' }
    else calls[piece.index]!.arguments += piece.text
  }
  return { content, calls }
}

const call = (name: string, args: string) =>
  `<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`

describe('calls in a text', () => {
  it.each([
    ['nothing', '', { content: '', calls: [] }],
    ['words alone', 'Hello.\n', { content: 'Hello.', calls: [] }],
    [
      'a call alone',
      call('add', '{"a": 1}'),
      { content: '', calls: [{ name: 'add', arguments: '{"a": 1}' }] },
    ],
    [
      'words before a call',
      `Let me see.\n\n${call('find', '{}')}\n`,
      { content: 'Let me see.', calls: [{ name: 'find', arguments: '{}' }] },
    ],
    [
      'two calls',
      `${call('add', '{"a": {"b": "}"}}')}\n${call('find', '{"q": "\\"</tool_call>"}')}`,
      {
        content: '',
        calls: [
          { name: 'add', arguments: '{"a": {"b": "}"}}' },
          { name: 'find', arguments: '{"q": "\\"</tool_call>"}' },
        ],
      },
    ],
    [
      'fields in another order',
      '<tool_call>{"arguments": {"a": [1]}, "name": "add"}</tool_call>',
      { content: '', calls: [{ name: 'add', arguments: '{"a":[1]}' }] },
    ],
    [
      'arguments as text',
      '<tool_call>{"name": "add", "arguments": "{}"}</tool_call>',
      { content: '', calls: [{ name: 'add', arguments: '{}' }] },
    ],
    ['a function that is none', call('rm', '{}'), { content: call('rm', '{}'), calls: [] }],
    [
      'a tag with no call',
      'see <tool_call>here</tool_call> now',
      { content: 'see <tool_call>here</tool_call> now', calls: [] },
    ],
    ['a tag that never closes', 'a <tool_call>{"name"', { content: 'a <tool_call>{"name"', calls: [] }],
    [
      'a call that is cut off',
      '<tool_call>\n{"name": "add", "arguments": {"a": 1',
      { content: '', calls: [{ name: 'add', arguments: '{"a": 1' }] },
    ],
    [
      'a call whose closing tag is missing',
      '<tool_call>{"name": "add", "arguments": {}}',
      { content: '', calls: [{ name: 'add', arguments: '{}' }] },
    ],
    ['something like a tag', '1 < 2 <tool', { content: '1 < 2 <tool', calls: [] }],
  ])('%s', (_, text, seen) => {
    expect(read([text])).toEqual(seen)
  })

  it('are the same however the text is cut', () => {
    const part = fc.constantFrom(
      'word ',
      '\n',
      '<tool_call>',
      '</tool_call>',
      '<tool',
      call('add', '{"a": "x\\"}"}'),
      call('find', '{"a": [{}]}'),
      call('rm', '{}'),
      '{"name": "add", "arguments": ',
      '{}',
      '}',
      'é😀',
    )
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (parts, sizes) => {
          const text = parts.join('')
          const cut: string[] = []
          for (let at = 0; at < text.length; at += cut.at(-1)!.length) {
            cut.push(text.slice(at, at + sizes.next().value!))
          }
          const [whole, pieces] = [read([text]), read(cut)]
          expect(pieces).toEqual(whole)
        },
      ),
    )
  })

  it('shows words at once, but nothing that may be the begin of a call', () => {
    const stream = new ToolCallStream(tagged)
    expect(stream.push('Let me')).toEqual([{ kind: 'content', text: 'Let me' }])
    expect(stream.push(' see <tool')).toEqual([{ kind: 'content', text: ' see' }])
    expect(stream.push('_box>')).toEqual([{ kind: 'content', text: ' <tool_box>' }])
  })

  it('give their arguments as they come', () => {
    const stream = new ToolCallStream(tagged)
    const id = expect.stringMatching(/^call_[0-9a-f]{24}$/)
    expect(stream.push('<tool_call>\n{"name": "add", "arguments": {"a"')).toEqual([
      { kind: 'call', index: 0, id, name: 'add' },
      { kind: 'arguments', index: 0, text: '{"a"' },
    ])
    expect(stream.push(': 1')).toEqual([{ kind: 'arguments', index: 0, text: ': 1' }])
    expect(stream.push('}}')).toEqual([{ kind: 'arguments', index: 0, text: '}' }])
  })

  it('end after the first where one is wanted', () => {
    const text = `${call('add', '{}')} and ${call('find', '{}')}`
    expect(read([text], { ...tagged, parallel: false })).toEqual({
      content: '',
      calls: [{ name: 'add', arguments: '{}' }],
    })
  })

  it('may be open already when the text begins', () => {
    const open = { ...tagged, isOpen: true, parallel: false }
    expect(read(['{ "name" : "add",\n"argu', 'ments":{"a":1} }'], open)).toEqual({
      content: '',
      calls: [{ name: 'add', arguments: '{"a":1}' }],
    })
    expect(read(['no call'], open)).toEqual({ content: 'no call', calls: [] })
  })

  it('are a whole answer in the way of Llama 3', () => {
    const bare = { ...tagged, convention: bareCalls, parallel: false }
    expect(read(['{"name": "add", "para', 'meters": {"a": 1}}'], bare)).toEqual({
      content: '',
      calls: [{ name: 'add', arguments: '{"a": 1}' }],
    })
    expect(read(['It is {"name": "add"}.'], bare).content).toBe('It is {"name": "add"}.')
    const json = `{"city": "${'x'.repeat(400)}"}`
    expect(read([json.slice(0, 350), json.slice(350)], bare)).toEqual({ content: json, calls: [] })
    expect(read(['{"a": 1}'], bare)).toEqual({ content: '{"a": 1}', calls: [] })
  })
})
