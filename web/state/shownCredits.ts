/** The kinds of credit of an account, in the order in which they are shown. */
const kinds = ['pending', 'escrow', 'settled', 'paid'] as const
export type CreditKind = (typeof kinds)[number]

/**
 * Which kinds of an account's credit its page shows. What is in escrow and what was paid out only where a relay has such:
 * this version holds nothing back and pays nothing out.
 * @param credits integer micro-credits as decimal strings; undefined before they are known
 */
export const shownCredits = (credits: Readonly<Record<CreditKind, string>> | undefined): CreditKind[] =>
  kinds.filter((kind) => kind === 'pending' || kind === 'settled' || (credits?.[kind] ?? '0') !== '0')
