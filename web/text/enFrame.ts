/** Texts of the frame around all pages, and of what stands on several. The rules are those of web/text/en.ts. */
export const enFrame = {
  // The frame around all pages

  /** Name of the product; the same in every language. */
  'app.name': 'Opentab',
  /** Link before everything else, seen on keyboard focus: jumps over the header. */
  'app.skip': 'Skip to the page',
  /** Accessible name of the list of pages in the header. */
  'app.navigation': 'Pages',
  /** Header link to the page where one lends the tab. */
  'nav.contribute': 'Contribute',
  /** Header link to the page where one talks to a model. */
  'nav.chat': 'Chat',
  /** Header link to the page where one writes and tries kernels; also that page's name. */
  'nav.lab': 'Lab',
  /** Header link to the page about the whole network. */
  'nav.network': 'Network',
  /** Header link to the ledger page of the wallet address in use. */
  'nav.account': 'Account',
  /** Button in the header: switches from light to dark colours. */
  'theme.dark': 'Use dark colours',
  /** Button in the header: switches from dark to light colours. */
  'theme.light': 'Use light colours',
  /** A path that no page has. */
  'missing.title': 'There is no page here',
  /** Under that title. contribute, chat, lab = links with the texts of nav.contribute, nav.chat, nav.lab. */
  'missing.text': 'Check the address, or go to {contribute}, {chat} or {lab}.',
  /** The same where the lab stands alone on a developer’s machine. lab = a link with the text of nav.lab. */
  'missing.textLab': 'Check the address, or go to {lab}.',
  /** While the code of a page arrives; seen only on slow connections. */
  'page.loading': 'Loading the page',
  /** The code of a page could not be fetched, so nothing is shown. */
  'page.failed': 'This page could not be loaded. Check the connection and reload.',
  /** The page title in the browser: page = name of the page. */
  'title.page': '{page} · Opentab',
  /** Browser title while the tab works. n = tasks done in this session. */
  'title.working': '● {n, plural, one {# task} other {# tasks}} · Opentab',
  /** Browser title while the tab waits for a task. n = tasks done in this session. */
  'title.idle': '○ Ready, {n, plural, one {# task} other {# tasks}} · Opentab',
  /** Browser title while the tab starts or loads a model. */
  'title.starting': '○ Starting · Opentab',
  /** Browser title while paused. */
  'title.paused': '‖ Paused · Opentab',
  /** Browser title after Finish was pressed. */
  'title.finishing': '● Finishing · Opentab',
  /** Browser title while there is no connection to the relay. */
  'title.disconnected': '○ Not connected · Opentab',
  /** Browser title after an error ended the session. */
  'title.error': '■ Stopped · Opentab',

  // Small parts used in several places

  /** Button beside a shortened address or hash. what = the full text. */
  'copy.label': 'Copy {what}',
  /** Said to screen readers once the copy is done. */
  'copy.done': 'Copied',
  /** Stands where a value is not known yet. */
  'value.none': '–',
  /** An amount of credit with its unit; amount is already formatted. */
  'value.credits': '{amount} credits',
  /** An amount of credit added by one task; amount is already formatted. */
  'value.earned': '+{amount} credits',
  /** Tooltip of an amount: the exact figure. amount is already formatted. */
  'value.exact': '{amount} credits exactly',

  // Foot

  /** The relay’s own name and version. */
  'foot.relay': 'Relay {name}, version {version}',
  /** Where the relay has not said its name. host = its address. */
  'foot.relayUnknown': 'Relay at {host}',
  /** The public log: size = number of entries, age is a formatted duration. */
  'foot.log': 'Log of {n, plural, one {# receipt} other {# receipts}}, {age} old',
  /** The public log, when its age is not known. n = number of entries. */
  'foot.logNoAge': 'Log of {n, plural, one {# receipt} other {# receipts}}',
  /** The log could not be read. */
  'foot.logUnknown': 'Log not read yet',
  /** Opens the privacy text. */
  'foot.privacy': 'Privacy',
  /** Privacy, first sentence group. */
  'privacy.page':
    'This page loads nothing from other sites, sets no cookies and measures nobody. Your choices stay in this browser.',
  /** Privacy, second sentence group. */
  'privacy.relay':
    'The relay sees your network address and the wallet address you give. The wallet address, the class of your device and every receipt are public for ever.',
  /** Privacy, third sentence group. */
  'privacy.work':
    'The work itself comes from other people. It passes through this tab and is not kept. Treat it as theirs.',
  /** Licence note at the very end of the page. */
  'foot.source': 'Open source, Apache-2.0',

  // Trouble between the page and the relay

  /** The relay does not take a developer’s kernel. The relay’s own words follow, in English, with line and rule. */
  'relay.kernelRefused': 'The relay refuses this kernel.',
  /** No answer from the relay at all. */
  'relay.unreachable': 'The relay does not answer. Check the connection and try again.',
  /** The relay’s answer is not what this page expects. */
  'relay.unexpected': 'The relay’s answer makes no sense to this page. Reload it.',
} as const
