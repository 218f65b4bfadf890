import type { NetworkDocument } from './network.ts'

/** The words of the plain page, so that another language can be given. */
export const networkPageWords = {
  totals: 'Totals',
  tabs: 'Tabs',
  tasks: 'Tasks done',
  credits: 'Credits',
  waiting: 'Tasks waiting',
  working: 'Tasks at work',
  tab: 'Tab',
  address: 'Address',
  device: 'Device class',
  backend: 'Backend',
  state: 'State',
  models: 'Models',
  model: 'Model',
  holders: 'Tabs that can run it',
  none: 'No tab is connected.',
}
export type NetworkPageWords = typeof networkPageWords

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Text as it stands between tags and in a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const row = (tag: 'td' | 'th', cells: readonly (string | number)[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join('')}</tr>`

const table = (caption: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  `<table><caption>${escapeHtml(caption)}</caption><thead>${row('th', head)}</thead>` +
  `<tbody>${rows.map((cells) => row('td', cells)).join('')}</tbody></table>`

/** Integer micro-credits to credits: `2147484` becomes `2.147484`. */
function creditsOf(microCredits: string): string {
  const sign = microCredits.startsWith('-') ? '-' : ''
  const digits = microCredits.replace('-', '').padStart(7, '0')
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`
}

/** How many tabs hold each model, from the tabs themselves. */
export function holdersOf(network: NetworkDocument): Map<string, number> {
  const holders = new Map<string, number>()
  for (const tab of network.tabs) for (const id of tab.models) holders.set(id, (holders.get(id) ?? 0) + 1)
  return holders
}

/**
 * The network as plain HTML tables, for readers without scripts: the relay puts it into the page's `<noscript>`.
 * Everything that came from outside is escaped.
 */
export function renderNetworkHtml(
  network: NetworkDocument,
  words: NetworkPageWords = networkPageWords,
): string {
  const totals = table(
    words.totals,
    [words.tabs, words.tasks, words.credits, words.waiting, words.working],
    [
      [
        network.tabs.length,
        network.totals.tasks,
        creditsOf(network.totals.microCredits),
        network.queue.queued,
        network.queue.leased,
      ],
    ],
  )
  const models = network.models?.map((model) => [model.id, model.tabs]) ?? [...holdersOf(network)]
  const modelTable = models.length === 0 ? '' : table(words.models, [words.model, words.holders], models)
  if (network.tabs.length === 0) return `${totals}${modelTable}<p>${escapeHtml(words.none)}</p>`
  return (
    totals +
    modelTable +
    table(
      words.tabs,
      [words.tab, words.address, words.device, words.backend, words.state, words.models, words.tasks],
      network.tabs.map((tab) => [
        tab.id,
        tab.address,
        tab.deviceClass,
        tab.backend,
        tab.state,
        tab.models.join(', '),
        tab.tasks,
      ]),
    )
  )
}
