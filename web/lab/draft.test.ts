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
  keepDraft(storage, { hash: '#lab=x', session: firstKernel, held: true })
  expect(draftOf(storage, '#lab=x')).toEqual({ hash: '#lab=x', session: firstKernel, held: true })
  expect(draftOf(storage, '')).toBeNull()
})

it('keeps nothing rather than something older where there is no room, and opens nothing that is broken', () => {
  const storage = makeStorage(4000)
  keepDraft(storage, { hash: '', session: firstKernel, held: false })
  expect(draftOf(storage, '')).toMatchObject({ session: firstKernel, held: false })
  keepDraft(storage, { hash: '', session: { ...firstKernel, operations: 'n'.repeat(4000) }, held: false })
  expect(draftOf(storage, '')).toBeNull()
  for (const broken of ['{', '{}', '{"hash":"","session":{"v":2}}']) {
    storage.setItem('opentab.lab', broken)
    expect(draftOf(storage, '')).toBeNull()
  }
})

it('of which nobody said that it has run is held', () => {
  const storage = makeStorage()
  storage.setItem('opentab.lab', JSON.stringify({ hash: '', session: firstKernel }))
  expect(draftOf(storage, '')).toMatchObject({ held: true })
})
