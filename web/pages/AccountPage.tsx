import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Figures } from '../parts/Figures.tsx'
import { ReceiptList } from '../parts/ReceiptList.tsx'
import { ReceiptView } from '../parts/ReceiptView.tsx'
import { ShortHash } from '../parts/ShortHash.tsx'
import { relay, route } from '../site.ts'
import { checkAddress, loadEip55 } from '../state/addressCheck.ts'
import type { AccountDocument } from '../state/relayDocuments.ts'
import { type CreditKind, shownCredits } from '../state/shownCredits.ts'
import { formats, say } from '../text/say.ts'

type Loaded =
  | { state: 'reading' }
  | { state: 'bad-address'; reason: string }
  | { state: 'failed'; reason: string }
  | { state: 'there'; account: AccountDocument }

/** One address in the public ledger: totals, balances, receipts, and one receipt in full. */
export function AccountPage() {
  const current = route.value
  const address = current.page === 'account' ? current.address : ''
  const receipt = current.page === 'account' ? current.receipt : null
  const { loaded, read } = useAccount(address)
  return (
    <>
      <div class="lead">
        <h1>{say('account.title')}</h1>
        <p class="account-address">
          <ShortHash text={loaded.state === 'there' ? loaded.account.address : address} />
        </p>
        <p class="quiet">{say('account.lead')}</p>
      </div>
      {loaded.state === 'bad-address' && (
        <p class="warning card" role="alert">
          {say('account.badAddress', { reason: loaded.reason })}
        </p>
      )}
      {loaded.state === 'failed' && (
        <div class="card" role="alert">
          <p class="warning">{say('account.failed', { reason: loaded.reason })}</p>
          <button type="button" class="button small" onClick={read}>
            {say('account.retry')}
          </button>
        </div>
      )}
      {(loaded.state === 'reading' || loaded.state === 'there') && (
        <>
          <Balances account={loaded.state === 'there' ? loaded.account : null} />
          <div class={receipt === null ? '' : 'columns'}>
            <div class="column">
              {loaded.state === 'there' && (
                <ReceiptList
                  key={loaded.account.address}
                  address={loaded.account.address}
                  total={loaded.account.receipts.count}
                  open={receipt}
                />
              )}
            </div>
            {receipt !== null && (
              <div class="column first-when-narrow">
                <ReceiptView key={receipt} id={receipt} address={address} />
              </div>
            )}
          </div>
        </>
      )}
    </>
  )
}

function useAccount(address: string) {
  const loaded = useSignal<Loaded>({ state: 'reading' })
  const read = async () => {
    loaded.value = { state: 'reading' }
    try {
      const check = checkAddress(address, await loadEip55())
      if (!check.ok) {
        loaded.value = { state: 'bad-address', reason: check.text }
        return
      }
      loaded.value = { state: 'there', account: await relay.account(check.address) }
    } catch (error) {
      loaded.value = { state: 'failed', reason: error instanceof Error ? error.message : String(error) }
    }
  }
  useEffect(() => {
    void read()
  }, [address])
  return { loaded: loaded.value, read }
}

/** What a kind of credit is called, and what it means. */
function creditWords(kind: CreditKind): { label: string; why: string } {
  switch (kind) {
    case 'pending':
      return { label: say('earnings.pending'), why: say('earnings.pendingWhy') }
    case 'escrow':
      return { label: say('earnings.escrow'), why: say('earnings.escrowWhy') }
    case 'settled':
      return { label: say('earnings.settled'), why: say('earnings.settledWhy') }
    case 'paid':
      return { label: say('account.paid'), why: say('account.paidWhy') }
  }
}

function Balances({ account }: { account: AccountDocument | null }) {
  const none = say('value.none')
  const credits = (microCredits: string | undefined) =>
    microCredits === undefined
      ? { value: none }
      : {
          value: formats.credits(microCredits),
          exact: say('value.exact', { amount: formats.exactCredits(microCredits) }),
        }
  const number = (value: number | undefined) => ({
    value: value === undefined ? none : formats.number(value),
  })
  return (
    <section class="card wide-figures">
      <Figures
        figures={[
          ...shownCredits(account?.credits).map((kind) => {
            const { label, why } = creditWords(kind)
            return {
              label: say('account.inCredits', { figure: label }),
              why,
              ...credits(account?.credits[kind]),
            }
          }),
          { label: say('account.completed'), ...number(account?.tasks.completed) },
          { label: say('account.rejected'), ...number(account?.tasks.rejected) },
          { label: say('account.receiptCount'), ...number(account?.receipts.count) },
        ]}
      />
    </section>
  )
}
