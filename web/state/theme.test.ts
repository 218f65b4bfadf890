import { expect, it } from 'vitest'
import { createTheme } from './theme.ts'

function stage(systemDark: boolean, stored = '') {
  const root: { dataset: DOMStringMap } = { dataset: {} }
  const kept = new Map([['opentab.theme', stored]])
  let listener: (event: MediaQueryListEvent) => void = () => {}
  const system = {
    matches: systemDark,
    addEventListener: (_: string, listen: (event: MediaQueryListEvent) => void) => {
      listener = listen
    },
  } as unknown as MediaQueryList
  const theme = createTheme(root, system, {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => kept.set(key, value),
  })
  return { theme, root, kept, system: (matches: boolean) => listener({ matches } as MediaQueryListEvent) }
}

it('follows the system until the person chooses', () => {
  const { theme, root, system, kept } = stage(false, 'mauve')
  expect(root.dataset.theme).toBe('light')
  system(true)
  expect(root.dataset.theme).toBe('dark')
  theme.toggle()
  expect(root.dataset.theme).toBe('light')
  expect(kept.get('opentab.theme')).toBe('light')
  system(true)
  expect(root.dataset.theme).toBe('light')
})

it('remembers a choice, and forgets it when it is the system’s own', () => {
  const { theme, root, kept } = stage(false, 'dark')
  expect(root.dataset.theme).toBe('dark')
  theme.toggle()
  expect(kept.get('opentab.theme')).toBe('')
  expect(root.dataset.theme).toBe('light')
})
