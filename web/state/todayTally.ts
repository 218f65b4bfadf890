import * as z from 'zod/mini'

/** What sessions of this browser earned on one day, kept between visits. */
const tallySchema = z.object({
  /** The reader's calendar day, `2026-11-22`. */
  day: z.string(),
  address: z.string(),
  /** Micro-credits by session. */
  sessions: z.record(z.string(), z.string().check(z.regex(/^-?\d{1,30}$/))),
})
export type TodayTally = z.infer<typeof tallySchema>

/** A tally from storage; null where there is none or it cannot be read. */
export function readTally(text: string | null): TodayTally | null {
  if (text === null) return null
  try {
    const parsed = tallySchema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** The tally with a session's newest sum in it; it begins anew on another day and for another address. */
export function addSession(
  before: TodayTally | null,
  session: { day: string; address: string; id: string; microCredits: string },
): TodayTally {
  const { day, address, id, microCredits } = session
  const same = before !== null && before.day === day && before.address === address
  return { day, address, sessions: { ...(same ? before.sessions : {}), [id]: microCredits } }
}

/** Micro-credits of one day for one address, as decimal string. */
export function earnedToday(tally: TodayTally | null, day: string, address: string): string {
  if (tally === null || tally.day !== day || tally.address !== address) return '0'
  return Object.values(tally.sessions)
    .reduce((sum, amount) => sum + BigInt(amount), 0n)
    .toString()
}
