import { expect, it } from 'vitest'
import { draftOf, keepDraft } from './draft.ts'
import { firstKernel } from './firstKernel.ts'

/** A storage of so many letters. */
function makeStorage(room = Number.POSITIVE_INFINITY) {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem(key: string, value: string) {
      if (value.length > room) throw new DOMException('full', 'QuotaExceededError')
      kept.set(key, value)
    },
    removeItem: (key: string) => void kept.delete(key),
  }
}

it('gives back what was open under the same address, and nothing under another', () => {
  const storage = makeStorage()
  expect(draftOf(storage, '')).toBeNull()
  keepDraft(storage, { hash: '#lab=x', session: firstKernel })
  expect(draftOf(storage, '#lab=x')).toEqual(firstKernel)
  expect(draftOf(storage, '')).toBeNull()
})

it('keeps nothing rather than something older where there is no room, and opens nothing that is broken', () => {
  const storage = makeStorage(4000)
  keepDraft(storage, { hash: '', session: firstKernel })
  expect(draftOf(storage, '')).toEqual(firstKernel)
  keepDraft(storage, { hash: '', session: { ...firstKernel, operations: 'n'.repeat(4000) } })
  expect(draftOf(storage, '')).toBeNull()
  for (const broken of ['{', '{}', '{"hash":"","session":{"v":2}}']) {
    storage.setItem('opentab.lab', broken)
    expect(draftOf(storage, '')).toBeNull()
  }
})
