import { expect, test } from 'vitest'
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts'

// The example of c2sp.org/tlog-checkpoint.
const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'

test('the specification’s example is read and written without a change', () => {
  const checkpoint = parseCheckpoint(text)
  expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 })
  expect(formatCheckpoint(checkpoint)).toBe(text)
  expect(parseCheckpoint(`${text}an extension\n`)).toEqual(checkpoint)
})

test('what is not a checkpoint is refused', () => {
  for (const other of [
    '',
    text.slice(0, -1),
    text.replace('example.com/behind-the-sofa', ''),
    text.replace('20852163', '020852163'),
    text.replace('20852163', '-1'),
    text.replace('20852163', '1e3'),
    text.replace('20852163', ' 5'),
    text.replace('20852163', '9007199254740992'),
    text.replace('CsUY', ''),
    text.replace('q2I=', 'q2J='),
    `${text}\n`,
    text.split('\n').slice(0, 2).join('\n'),
  ]) {
    expect(() => parseCheckpoint(other), JSON.stringify(other)).toThrow(/checkpoint/)
  }
  expect(parseCheckpoint(text.replace('20852163', '0')).size).toBe(0)
})
