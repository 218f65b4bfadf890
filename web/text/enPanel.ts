/** Texts of the panel of the contribute page: its fields and buttons, the state as a sentence, what ended a session. The rules are those of web/text/en.ts. */
export const enPanel = {
  // Contribute: the panel

  /** Title of the panel with the form and the buttons. */
  'panel.title': 'Your tab',
  /** Label of the text field for the Ethereum address that earns. */
  'panel.address': 'Wallet address',
  /** Under that field, while it is empty. */
  'panel.addressHint': 'Where credits are counted. No account, no signature.',
  /** Under that field, while the tab works for it. */
  'panel.addressInUse': 'Credits are counted for this address.',
  /** Under that field, once the address passed its check. */
  'panel.addressGood': 'The address is valid.',
  /** Before the buttons of wallets found in the browser. */
  'panel.wallets': 'Or take it from a wallet in this browser',
  /** Button that asks a wallet for its address. name = the wallet’s own name. */
  'panel.useWallet': 'Use {name}',
  /** The person refused to share the address. name = the wallet. */
  'panel.walletRefused': '{name} did not share an address. Allow it there, or paste the address.',
  /** The wallet failed. name = the wallet, reason = its own message. */
  'panel.walletFailed': '{name} gave no address: {reason}. Paste the address instead.',
  /** Label of the slider that limits how much of the device is used. */
  'panel.intensity': 'Intensity',
  /** Beside the slider. share = percentage. */
  'panel.intensityValue': '{share} of the time',
  /** Checkbox: also work while the device runs on its battery. */
  'panel.onBattery': 'Work on battery too',
  /** Switch: lets GPU programs of requesters run here. Off unless the person switches it on. */
  'panel.customKernels': 'Run programs that developers send',
  /** Beside that switch. */
  'panel.customKernelsHint':
    'Small GPU programs of anyone who may use this relay. They reach no file and no network; each is checked and ended within seconds. Takes effect with the next Start.',
  /** Button: begins to lend the tab. Pressing it is the consent. */
  'panel.start': 'Start',
  /** Button: takes no work until Resume is pressed. */
  'panel.pause': 'Pause',
  /** Button: works again after Pause. */
  'panel.resume': 'Resume',
  /** Button: ends the task in hand, then stops. */
  'panel.finish': 'Finish',
  /** Button: stops at once. */
  'panel.stop': 'Stop',
  /** Under Start: the person can end it at any time. */
  'panel.startHint': 'You can pause or stop at any time. Your choices stay in this browser.',
  /** Under the three buttons: what they do. */
  'panel.buttonsHint': 'Finish ends the task in hand first. Stop ends at once; so does the Escape key.',
  /** Title over the five lines of consent beside Start. */
  'consent.title': 'Pressing Start means you agree',
  /** Consent, first word of the line about electricity. */
  'consent.power': 'Power',
  /** Consent: electricity and heat. */
  'consent.powerText': 'Your device gets warm and uses more power.',
  /** Consent, first word of the line about downloads. */
  'consent.data': 'Data',
  /** Consent: download, when the size of all models is known. size is formatted. As long as the next, so that nothing moves. */
  'consent.dataText': 'Up to {size} of models, fetched once and kept.',
  /** Consent: download, while the size is not known. */
  'consent.dataUnknown': 'The models of this relay, fetched once and kept.',
  /** Consent, first word of the line about what is run. */
  'consent.runs': 'What runs',
  /** Consent: only models from the relay’s list. */
  'consent.runsText':
    'Only models and kernels from this relay’s list, and programs of developers if you switch them on.',
  /** Consent, first word of the line about privacy. */
  'consent.seen': 'What is seen',
  /** Consent: what contributors can read. */
  'consent.seenText': 'You handle what other people send. They do not see you.',
  /** Consent, first word of the line about payment. */
  'consent.money': 'Money',
  /** Consent: credits have no payout yet. */
  'consent.moneyText': 'Credits are counted. They cannot be paid out yet.',

  // What is wrong with an address

  /** Start was pressed with an empty field. */
  'address.empty': 'Paste a wallet address first. It starts with 0x.',
  /** An ENS name was typed. name = what was typed. */
  'address.ens':
    'Names such as {name} are not looked up here. Paste the address itself, which starts with 0x.',
  /** The text does not start with 0x. */
  'address.prefix': 'A wallet address starts with 0x. Copy it again from your wallet.',
  /** A character that is not a hexadecimal digit. character = that character. */
  'address.characters': '“{character}” cannot be part of an address. Copy it again from your wallet.',
  /** Too short or too long. n = number of digits after 0x; it must be 40. */
  'address.length':
    'The address has {n, plural, one {# digit} other {# digits}} after 0x and needs 40. Copy it again in full.',
  /** Mixed case that does not match the checksum of EIP-55. */
  'address.checksum': 'The capital letters do not match, so a character is wrong. Copy it again.',

  // The state, as a sentence. Each refusal has its reason and its mend.

  /** Title of the part that says what the tab does now; read by screen readers. */
  'state.title': 'State',
  /** Nothing runs; Start was not pressed. */
  'state.off': 'At rest. Nothing runs until you press Start.',
  /** After Start: the device is measured. */
  'state.device': 'Measuring this device to choose where models run.',
  /** After Start: the connection is made. */
  'state.connecting': 'Connecting to the relay.',
  /** A model is fetched. done is a number or size without unit where possible, both formatted: “14.0 MB of 22.9 MB”. */
  'state.loading': 'Loading {model}, {done} of {total}, once.',
  /** The model has arrived and is made ready. */
  'state.preparing': 'Preparing {model}.',
  /** Connected, just became free. */
  'state.ready': 'Ready. Waiting for someone to ask.',
  /** Connected and free for a while. duration is formatted: “2 minutes”. */
  'state.idle': 'Ready. No one has asked for anything for {duration}.',
  /** A task is running. what = one of the work.* texts or a model’s name. */
  'state.working': 'Working on {what}.',
  /** Working, but between two tasks. */
  'state.workingNext': 'Working. The next task is on its way.',
  /** Said to screen readers when work begins; not repeated for each task. */
  'state.workingHeard': 'Working.',
  /** Pause was pressed. */
  'state.pausedYou': 'Paused by you. Press Resume to go on.',
  /** The device runs on battery and the person did not allow that. */
  'state.pausedBattery': 'Paused: on battery. Plug in, or tick “Work on battery too”.',
  /** The graphics driver was lost once. n = seconds until the next try. */
  'state.deviceLost':
    'Waiting {n, plural, one {# second} other {# seconds}}: the graphics driver was lost once. A second loss stops this session.',
  /** The same, when the time is over or not known. */
  'state.deviceLostSoon':
    'The graphics driver was lost once; the tab is setting up again. A second loss stops this session.',
  /** Finish was pressed. */
  'state.finishing': 'Finishing: the task in hand ends, then this tab stops.',
  /** The browser says there is no network. */
  'state.offline':
    'Not connected: this device is offline. The tab comes back by itself when the network does.',
  /** The relay said that it restarts. n = seconds until the next try. */
  'state.relayRestarting':
    'Not connected: the relay is restarting. Trying again in {n, plural, one {# second} other {# seconds}}.',
  /** The connection broke. n = seconds until the next try. */
  'state.connectionLost':
    'Not connected: the connection broke. Trying again in {n, plural, one {# second} other {# seconds}}.',
  /** Not connected, and the next try begins now. */
  'state.retrying': 'Not connected: trying again now.',
  /** After Stop or Finish. */
  'state.stopped': 'Stopped. Nothing runs any more. Press Start to go on.',
  /** An error ended the session. what = what happened, mend = what to do; both are whole sentences. */
  'state.error': 'Stopped. {what} {mend}',
  /** Under such a sentence: the exact technical message. */
  'state.detail': 'Exact message: {message}',
  /** The worker of the tab could not even be loaded. */
  'state.notLoaded':
    'The part that does the work could not be loaded. Check the connection and press Start again.',

  // Errors that can end a session: what happened, and what to do.

  /** Tab and relay speak different versions. */
  'error.wrong_version.what': 'This page is older or newer than the relay.',
  /** What to do about it. */
  'error.wrong_version.mend': 'Reload the page.',
  /** Any message that could not be understood. */
  'error.bad_frame.what': 'Tab and relay did not understand each other.',
  /** What to do about it. */
  'error.bad_frame.mend': 'Reload the page.',
  /** The relay refused the wallet address. */
  'error.bad_address.what': 'The relay did not accept the wallet address.',
  /** What to do about it. */
  'error.bad_address.mend': 'Paste the address again.',
  /** The operator banned the address. */
  'error.account_banned.what': 'This wallet address is banned on this relay.',
  /** What to do about it. */
  'error.account_banned.mend': 'Ask the operator of the relay why.',
  /** Too many tabs from one place. */
  'error.too_many_tabs.what': 'Too many tabs come from your connection.',
  /** What to do about it. */
  'error.too_many_tabs.mend': 'Close some of them and press Start again.',
  /** The page was opened from another site. */
  'error.bad_origin.what': 'The relay takes tabs only from its own page.',
  /** What to do about it. */
  'error.bad_origin.mend': 'Open the page at the relay’s own address.',
  /** The same tab connected twice. */
  'error.replaced.what': 'The same tab connected a second time, and that one goes on.',
  /** What to do about it. */
  'error.replaced.mend': 'There is nothing to do here.',
  /** The graphics driver was lost twice. */
  'error.device_lost.what': 'The graphics driver was lost again.',
  /** What to do about it. */
  'error.device_lost.mend': 'Restart the browser, update the graphics driver, or lower Intensity.',
  /** No memory left. */
  'error.out_of_memory.what': 'The device has no memory left.',
  /** What to do about it. */
  'error.out_of_memory.mend': 'Close other tabs and press Start again.',
  /** No room for the model. */
  'error.storage_full.what': 'There is no room left for the models.',
  /** What to do about it. */
  'error.storage_full.mend': 'Delete models below, or allow more storage.',
  /** A model could not run here. */
  'error.model_failed.what': 'A model could not run on this device.',
  /** What to do about it. */
  'error.model_failed.mend': 'Update the browser and press Start again.',
  /** A kernel could not run here. */
  'error.kernel_failed.what': 'A kernel could not run on this device.',
  /** What to do about it. */
  'error.kernel_failed.mend': 'Update the browser or the graphics driver.',
  /** Bytes that do not match their hash. */
  'error.wrong_hash.what': 'A model arrived damaged, more than once.',
  /** What to do about it. */
  'error.wrong_hash.mend': 'Check the connection and press Start again.',
} as const
