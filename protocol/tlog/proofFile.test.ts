import { expect, test } from 'vitest'
import { formatProofFile, parseProofFile } from './proofFile.ts'

// The example of c2sp.org/tlog-proof, with its signatures as long as they are printed there.
const checkpoint = `example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJwAA
— witness1.example mJirIklj
`
const hashes = `gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdkqYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=
`
const example = `c2sp.org/tlog-proof@v1\nextra YWdl\nindex 73894\n${hashes}\n${checkpoint}`

test('the specification’s example is read and written without a change', () => {
  const proof = parseProofFile(example)
  expect(proof).toMatchObject({ index: 73894, checkpoint })
  expect(proof.path).toHaveLength(5)
  expect(formatProofFile(proof)).toBe(example)
})

test('a proof without extra data, and one of the only entry, are read and written without a change', () => {
  for (const text of [
    example.replace('extra YWdl\n', ''),
    `c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpoint}`,
  ]) {
    expect(formatProofFile(parseProofFile(text))).toBe(text)
  }
})

test('what is not a proof is refused', () => {
  for (const other of [
    '',
    example.replace('@v1', '@v2'),
    example.replace('extra YWdl', 'extra YWd'),
    example.replace('index 73894\n', ''),
    example.replace('index 73894', 'index 073894'),
    example.replace('index 73894', 'index -1'),
    example.replace('index 73894', 'Index 73894'),
    example.replace('gSKy', ''),
    example.replace('gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=', 'AAAA'),
    example.replace(hashes, hashes.repeat(13)),
    example.replaceAll('\n\n', '\n'),
  ]) {
    expect(() => parseProofFile(other), JSON.stringify(other)).toThrow(/proof/)
  }
})
