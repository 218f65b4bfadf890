import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { tab } from '../site.ts'
import { addWallet, type DetectedWallet, detectWallets } from '../state/wallets.ts'
import { say } from '../text/say.ts'

/** The payee: a field to paste into, and the wallets of this browser by name. Fixed while the tab runs. */
export function AddressField() {
  const good = useSignal(false)
  const walletTrouble = useSignal<string | null>(null)
  const { address } = tab.settings.value
  const running = tab.running.value
  const trouble = walletTrouble.value ?? tab.addressTrouble.value

  const take = async (text: string) => {
    walletTrouble.value = null
    tab.setAddress(text)
    good.value = text.trim() !== '' && (await tab.checkAddress())
  }
  const askWallet = async (wallet: DetectedWallet) => {
    try {
      await take(await wallet.address())
    } catch (error) {
      walletTrouble.value = error instanceof Error ? error.message : String(error)
    }
  }
  const hint = running ? 'panel.addressInUse' : good.value ? 'panel.addressGood' : 'panel.addressHint'
  return (
    <div class="field">
      <label for="address">{say('panel.address')}</label>
      <input
        id="address"
        class="text-input mono"
        type="text"
        inputMode="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder="0x…"
        value={address}
        readOnly={running}
        aria-describedby="address-note"
        aria-invalid={trouble !== null}
        onInput={(event) => {
          good.value = false
          walletTrouble.value = null
          tab.setAddress(event.currentTarget.value)
        }}
        onChange={(event) => void take(event.currentTarget.value)}
      />
      <p
        id="address-note"
        class={trouble === null ? 'note quiet address-note' : 'note warning address-note'}
        role="status"
      >
        {trouble ?? say(hint)}
      </p>
      <Wallets onChoose={askWallet} disabled={running} />
    </div>
  )
}

function Wallets({ onChoose, disabled }: { onChoose: (wallet: DetectedWallet) => void; disabled: boolean }) {
  const wallets = useSignal<readonly DetectedWallet[]>([])
  useEffect(
    () =>
      detectWallets(window, (found) => {
        wallets.value = addWallet(wallets.value, found)
      }),
    [wallets],
  )
  if (wallets.value.length === 0) return null
  return (
    <div class="wallets">
      <p class="quiet">{say('panel.wallets')}</p>
      {wallets.value.map((wallet) => (
        <button
          type="button"
          class="button small wallet"
          key={wallet.uuid}
          disabled={disabled}
          onClick={() => onChoose(wallet)}
        >
          <img src={wallet.icon} alt="" width={20} height={20} />
          {say('panel.useWallet', { name: wallet.name })}
        </button>
      ))}
    </div>
  )
}
