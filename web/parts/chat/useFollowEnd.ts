import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Pixels from the end within which the reader is taken to follow what is written. */
const NEAR_END = 80

/**
 * Keeps the page at the end of a conversation as it grows, until the reader scrolls up.
 * @param chat element whose lower edge is the end
 * @param list what grows by itself
 * @param turn changes with every message of the reader and with the conversation: then the page goes to the end
 */
export function useFollowEnd(
  chat: RefObject<HTMLElement>,
  list: RefObject<HTMLElement>,
  turn: string | null,
): void {
  const follows = useRef(true)
  useLayoutEffect(() => {
    if (turn === null || chat.current === null || list.current === null) return
    const { current: box } = chat
    /** How far the end is below the window, px; negative while it is seen. */
    const beyond = (): number => box.getBoundingClientRect().bottom - innerHeight
    const toEnd = (): void => {
      if (follows.current) scrollTo({ top: Math.max(0, scrollY + beyond()), behavior: 'instant' })
    }
    const look = (): void => {
      follows.current = beyond() < NEAR_END
    }
    follows.current = true
    toEnd()
    const growing = new ResizeObserver(toEnd)
    growing.observe(list.current)
    // Settings and earlier chats open above: that is no reason to go to the end.
    const others = new ResizeObserver(look)
    for (const each of box.children)
      if (!each.contains(list.current) && !each.matches('.chat-dock')) others.observe(each)
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', toEnd)
    return () => {
      growing.disconnect()
      others.disconnect()
      removeEventListener('scroll', look)
      removeEventListener('resize', toEnd)
    }
  }, [chat, list, turn])
}
