import { describe, expect, it } from 'vitest'
import { FakeClock } from './fakeClock.ts'
import { FIGURES_MS, SNAPSHOT_MS, SnapshotFeed } from './snapshot.ts'
import { snapshotAtRest } from './snapshotAtRest.ts'
import type { TabSnapshot } from './tabApi.ts'

function feed(push: () => Promise<void> = async () => {}) {
  const clock = new FakeClock()
  const shownAt: number[] = []
  const startedAt = clock.now()
  const snapshots = new SnapshotFeed({
    clock,
    take: (): TabSnapshot => snapshotAtRest(0),
    push: () => {
      shownAt.push(clock.now() - startedAt)
      return push()
    },
  })
  return { clock, shownAt, snapshots }
}

describe('SnapshotFeed', () => {
  it('shows the first change at once, of either kind', async () => {
    for (const kind of ['changed', 'figuresChanged'] as const) {
      const { clock, shownAt, snapshots } = feed()
      snapshots[kind]()
      await clock.advance(0)
      expect(shownAt).toEqual([0])
    }
  })

  it('shows many changes ten times a second and many figures twice a second', async () => {
    for (const [kind, everyMs] of [
      ['changed', SNAPSHOT_MS],
      ['figuresChanged', FIGURES_MS],
    ] as const) {
      const { clock, shownAt, snapshots } = feed()
      for (let ms = 0; ms < 990; ms += 10) {
        snapshots[kind]()
        await clock.advance(10)
      }
      expect(shownAt).toEqual(Array.from({ length: 1000 / everyMs }, (_, index) => index * everyMs))
    }
  })

  it('shows a change soon that comes while figures wait', async () => {
    const { clock, shownAt, snapshots } = feed()
    snapshots.figuresChanged()
    await clock.advance(10)
    snapshots.figuresChanged()
    await clock.advance(10)
    snapshots.changed()
    await clock.advance(FIGURES_MS)
    expect(shownAt).toEqual([0, SNAPSHOT_MS])
  })

  it('does not show the next one before the page has the last one', async () => {
    const shown = Promise.withResolvers<void>()
    const { clock, shownAt, snapshots } = feed(() => shown.promise)
    snapshots.changed()
    await clock.advance(0)
    snapshots.changed()
    await clock.advance(1000)
    expect(shownAt).toEqual([0])
    shown.resolve()
    await clock.advance(0)
    expect(shownAt).toEqual([0, 1000])
  })
})
