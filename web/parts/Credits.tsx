import { formats, say } from '../text/say.ts'

/** An amount of credit; the exact figure in its tooltip. `earned`: written as what a task added. */
export function Credits({ microCredits, earned = false }: { microCredits: string; earned?: boolean }) {
  const amount = formats.credits(microCredits)
  return (
    <span class="figure" title={say('value.exact', { amount: formats.exactCredits(microCredits) })}>
      {say(earned ? 'value.earned' : 'value.credits', { amount })}
    </span>
  )
}
