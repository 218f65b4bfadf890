/**
 * Every text of the pages, in English. Another language is a file with the same keys.
 * The comment over a text tells a translator where it stands and what its values are; a test demands one for each.
 * Syntax: web/text/formatMessage.ts. Write short sentences, second person, present tense, no exclamation marks.
 * Words with one meaning everywhere: tab, task, credit, receipt, relay, model.
 */
export const en = {
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
  /** Under that title. link = a link with the text of nav.contribute. */
  'missing.text': 'Check the address, or go to {link}.',
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

  // Contribute: head

  /** Headline of the first page: what the tab will do, and for whom. */
  'contribute.headline':
    'This tab runs AI models for people who ask, and every checked result earns you credit.',
  /** Live size of the network, part one. n = connected tabs. */
  'contribute.tabs':
    '{n, plural, =0 {No tab is connected} one {# tab is connected} other {# tabs are connected}}',
  /** Live size of the network, part two. n = tasks done since midnight UTC. */
  'contribute.tasksToday': '{n, plural, =0 {No task today yet} one {# task today} other {# tasks today}}',
  /** Live size of the network, part two when today is not known. n = tasks ever done. */
  'contribute.tasksEver': '{n, plural, =0 {No task done yet} one {# task done} other {# tasks done}}',
  /** In place of the live size while it is fetched. */
  'contribute.sizeUnknown': 'Asking the relay for the size of the network',
  /** In place of the live size when the relay does not answer. */
  'contribute.sizeFailed': 'The relay does not answer',

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
  /** Consent: download, when the size of all models is known. size is formatted. */
  'consent.dataText': 'Up to {size} of models are downloaded once and kept.',
  /** Consent: download, when the size is not known. */
  'consent.dataUnknown': 'Models are downloaded once and kept.',
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
  'address.checksum':
    'The capital letters do not match this address, so a character is wrong. Copy it again.',

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

  // Kinds of work

  /** Work: detection of text in a picture. Fits into “Working on …”. */
  'work.ocrDetect': 'text recognition, finding lines',
  /** Work: reading detected lines. Fits into “Working on …”. */
  'work.ocrRead': 'text recognition, reading lines',
  /** Work: finding out which way up lines are. Fits into “Working on …”. */
  'work.ocrTurn': 'text recognition, turning lines upright',
  /** Work: text recognition, step not known. Fits into “Working on …”. */
  'work.ocr': 'text recognition',
  /** Work: sentences become vectors. Fits into “Working on …”. */
  'work.embeddings': 'sentence embeddings',
  /** Work: integer matrix product. Fits into “Working on …”. */
  'work.matmulI8': 'an integer matrix product',
  /** Work: matrix product of fractions. Fits into “Working on …”. */
  'work.matmulF32': 'a matrix product',
  /** Work: another model. model = its name. Fits into “Working on …”. */
  'work.model': 'the model {model}',
  /** Work: a step of another model. model and step are names. Fits into “Working on …”. */
  'work.modelStep': 'the model {model}, step {step}',
  /** Task log, what kind of task. */
  'kind.infer': 'Model',
  /** Task log, what kind of task. */
  'kind.kernel': 'Kernel',
  /** Task log, what kind of task. */
  'kind.generate': 'Text',
  /** Task log, what kind of task. */
  'kind.stage': 'Stage',
  /** Kind of a task. */
  'kind.custom': 'Custom kernel',

  // How a result was checked: the word, and what it means

  /** Verdict: a fast probabilistic check named after its inventor. Keep the name. */
  'verdict.freivalds': 'Freivalds',
  /** What that verdict means. */
  'verdict.freivalds.why':
    'The relay multiplied the result with a secret vector. A wrong result does not pass.',
  /** Verdict: the relay computed the task again. */
  'verdict.recomputed': 'recomputed',
  /** What that verdict means. */
  'verdict.recomputed.why': 'The relay ran the task again itself and found the same.',
  /** Verdict: another tab computed the same. */
  'verdict.replica': 'two tabs agree',
  /** What that verdict means. */
  'verdict.replica.why': 'A second tab ran the same task and found the same.',
  /** Verdict: the relay decided between two tabs. */
  'verdict.referee': 'judged',
  /** What that verdict means. */
  'verdict.referee.why': 'Two tabs disagreed; the relay ran the task itself and found this result right.',
  /** Verdict: generated text was scored. */
  'verdict.text-scored': 'text scored',
  /** What that verdict means. */
  'verdict.text-scored.why':
    'The relay read the text with the same model and found every token to be its pick.',
  /** Verdict: this task was not drawn for a check; it could have been. */
  'verdict.unsampled': 'not drawn',
  /** What that verdict means. */
  'verdict.unsampled.why': 'Checks are drawn by chance. This task could have been drawn and was not.',
  /** Verdict: nothing but another account's result could tell. */
  'verdict.unverified': 'not verified',
  /** Explains the verdict before. */
  'verdict.unverified.why':
    'No second account ran the same program and found the same. It earns nothing and counts for nothing.',
  /** Verdict: the result was wrong. */
  'verdict.rejected': 'rejected',
  /** What that verdict means. */
  'verdict.rejected.why': 'The result was checked and found wrong. It earns nothing.',
  /** In the log: the relay has not judged the task yet. */
  'verdict.pending': 'being checked',
  /** What that means. */
  'verdict.pending.why': 'The relay has the result and checks it.',
  /** In the log: the task failed on this device. */
  'verdict.failed': 'failed',
  /** What that means. */
  'verdict.failed.why': 'The task ended with an error here. The relay gives it to another tab.',
  /** In the log: the task was given back unfinished. */
  'verdict.handed-back': 'handed back',
  /** What that means. */
  'verdict.handed-back.why': 'The task went back to the relay untouched. It counts neither way.',

  // Contribute: earnings

  /** Title of the part with the credits; says the unit of the figures. */
  'earnings.title': 'Earnings in credits',
  /** Figure: credits that were counted and are not final. */
  'earnings.pending': 'Pending',
  /** What that figure means. */
  'earnings.pendingWhy':
    'Checked or open to a check, and counted. It settles when the relay closes the period.',
  /** Figure: credits held back for a while. */
  'earnings.escrow': 'In escrow',
  /** What that figure means. */
  'earnings.escrowWhy': 'Held for the last tasks, in case a later check finds one of them wrong.',
  /** Figure: final credits. */
  'earnings.settled': 'Settled',
  /** What that figure means. */
  'earnings.settledWhy': 'Final. It cannot be taken back. It cannot be paid out yet either.',
  /** Figure: credits of this browser since midnight. */
  'earnings.today': 'Today',
  /** What that figure means. */
  'earnings.todayWhy': 'What this browser earned for this address since midnight, your time.',
  /** Unit note under the figures. */
  'earnings.unit': 'One credit is a thousand million operations of work that stood up to checks.',
  /** Accessible name of the button on a figure. figure = its name. */
  'earnings.explain': '{figure}: what does this mean?',
  /** Title of the chart. */
  'chart.title': 'Last 15 minutes',
  /** In place of the chart before there is anything. */
  'chart.empty': 'Speed and tasks appear here once the first results are in.',
  /** What a screen reader hears for the chart. now and top are formatted numbers. n = tasks. */
  'chart.summary':
    'Speed now {now} GFLOP/s, highest {top}. {n, plural, one {# task} other {# tasks}} in the last 15 minutes.',
  /** Legend of the line; a unit. */
  'chart.gflops': 'GFLOP/s',
  /** Legend of the bars. */
  'chart.tasks': 'Tasks',
  /** Opens the table behind the chart. */
  'chart.table': 'As a table',
  /** Column of that table: the minute. */
  'chart.minute': 'Minute',
  /** The drawing code could not be loaded. */
  'chart.failed': 'The chart could not be loaded. The table holds the same figures.',

  // Contribute: tasks

  /** Title of the task log. */
  'tasks.title': 'Tasks',
  /** The log before the first task. */
  'tasks.empty': 'Every task shows here with how it was checked and what it earned.',
  /** Beside the title. completed and rejected are counts of this session. */
  'tasks.count':
    '{completed, plural, one {# done} other {# done}}{rejected, plural, =0 {} one {, # rejected} other {, # rejected}}',
  /** Link to the receipt of a task. */
  'tasks.receipt': 'Receipt',
  /** Accessible name of that link. id = the receipt’s id. */
  'tasks.receiptLabel': 'Receipt {id}',
  /** Under a rejected task. reason = the relay’s sentence. */
  'tasks.rejected':
    'Rejected: {reason} If this happens again, update the browser and the graphics driver, then start again.',
  /** The same, when the relay gave no reason. */
  'tasks.rejectedPlain':
    'Rejected: the result was wrong. If this happens again, update the browser and the graphics driver, then start again.',
  /** Under a failed task. reason = the error’s sentence. */
  'tasks.failed':
    'Failed here: {reason} Another tab takes it over; there is nothing to do unless it repeats.',
  /** Button under a long log. n = how many more rows. */
  'tasks.more': 'Show {n, plural, one {# more} other {# more}}',

  // Contribute: this device

  /** Title of the device card. */
  'device.title': 'This device',
  /** The card before Start. */
  'device.empty': 'Nothing has been asked of this device. It is measured when you press Start.',
  /** Row: the graphics adapter. */
  'device.adapter': 'Graphics adapter',
  /** There is no WebGPU at all. */
  'device.none': 'None: this browser offers no WebGPU',
  /** The adapter is a software one. name = how it calls itself. */
  'device.software': '{name}, emulated in software and slow',
  /** The adapter hides its name. */
  'device.hidden': 'WebGPU, name hidden by the browser',
  /** Row: where models run and why. */
  'device.backend': 'Models run on',
  /** Models run on the GPU. */
  'device.webgpu': 'the graphics adapter',
  /** Models run on the processor. n = threads. */
  'device.wasm': 'the processor, {n, plural, one {# thread} other {# threads}}',
  /** Row: what was measured to choose. */
  'device.why': 'Because',
  /** Both were measured. Both values are formatted times. */
  'device.measuredBoth': 'a small model took {wasm} on the processor and {webgpu} on the adapter',
  /** Only the processor was measured. wasm is a formatted time. */
  'device.measuredWasm': 'a small model took {wasm} on the processor; the adapter was not tried',
  /** Only the adapter was measured. webgpu is a formatted time. */
  'device.measuredWebgpu': 'a small model took {webgpu} on the adapter; the processor was not tried',
  /** Nothing was measured. */
  'device.measuredNone': 'nothing else is there to choose from',
  /** Row: names of kernels that run here. */
  'device.kernels': 'Kernels',
  /** No kernel runs here. */
  'device.noKernels': 'none',
  /** Row: the class that the relay puts the device in. */
  'device.class': 'Device class',
  /** Row: major version of the browser. */
  'device.browser': 'Browser version',
  /** Opens the list of WebGPU features. n = how many. */
  'device.features': '{n, plural, one {# feature} other {# features}}',
  /** Opens the list of WebGPU limits. n = how many. */
  'device.limits': '{n, plural, one {# limit} other {# limits}}',
  /** Title over the stored models. */
  'models.title': 'Stored models',
  /** No model is stored. */
  'models.empty': 'No model is stored yet.',
  /** A model is being fetched. Both values are formatted sizes. */
  'models.partial': '{stored} of {total}',
  /** A model is stored and can run. */
  'models.ready': 'ready',
  /** A model is stored and not loaded. */
  'models.stored': 'stored',
  /** Button: deletes the bytes of a model. */
  'models.delete': 'Delete',
  /** Accessible name of that button. model = the model’s name. */
  'models.deleteLabel': 'Delete {model}',
  /** How much storage is used. Both values are formatted sizes. */
  'storage.used': '{used} of {allowed} used',
  /** Label of the choice of how much storage models may take. */
  'storage.allowed': 'Storage for models',
  /** Label of a choice of sizes. */
  'memory.allowed': 'Memory for language models',
  /** One of the choices: the tab takes no language models. */
  'memory.none': 'None',
  /** Under that choice. */
  'memory.hint':
    'A model larger than this is shared with other tabs. A change takes effect at the next Start.',

  // Foot

  /** The relay’s own name and version. */
  'foot.relay': 'Relay {name}, version {version}',
  /** Before the relay has said its name. */
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

  // Chat

  /** Name and headline of the chat page. */
  'chat.title': 'Chat with the network',
  /** Label of the list of language models. */
  'chat.model': 'Model',
  /** Beside the list. n = tabs that hold the model whole. */
  'chat.whole': '{n, plural, one {Whole in # tab} other {Whole in # tabs}}',
  /** Beside the list. n = tabs that hold the model together. */
  'chat.shared': '{n, plural, one {Shared over # tab} other {Shared over # tabs}}',
  /** Beside the list. held of stages = parts of the model that some tab holds. */
  'chat.partly': 'No tab can answer now: {held} of {stages} stages are held',
  /** Beside the list. megabytes = memory that a tab must give to hold the largest part. */
  'chat.tooLittle': 'No tab can answer now: none gives the memory for a part of the model, {megabytes} MB',
  /** Beside the list, where the relay does not tell more. n = tabs that hold the model. */
  'chat.tabs':
    '{n, plural, =0 {No tab can answer now} one {# tab can answer now} other {# tabs can answer now}}',
  /** In the list, behind a model that no tab can answer with now. */
  'chat.asleep': '{model} (no tab now)',
  /** In the list, behind a model that the conversation had and that the relay does not serve now. */
  'chat.goneOption': '{model} (not served)',
  /** The conversation's model is not served any more. */
  'chat.gone': '{model} is not served here now. Choose another model above: the conversation stays.',
  /** Over the field while no tab can answer. link = the text of chat.noTabLink. */
  'chat.noTab': 'No tab can answer with this model now. What you send waits for one. You can {link}.',
  /** Link to the contribute page, inside chat.noTab. */
  'chat.noTabLink': 'lend a tab yourself',
  /** The relay serves no language model. command = what an operator types. */
  'chat.noModels': 'This relay serves no language model yet. Its operator can add one with {command}.',
  /** While the list of models is asked for. */
  'chat.asking': 'Asking the relay for its models',
  /** Stands over the field for the message. */
  'chat.privacy': 'Contributors’ machines can read what you send.',
  /** Label of the field for the message. */
  'chat.message': 'Message',
  /** In the empty field; Enter and Shift are keys. */
  'chat.placeholder': 'Write a message',
  /** Beside the line over the field, on wide screens; Enter, Shift and Escape are keys. */
  'chat.keys': 'Enter sends, Shift and Enter begin a new line, Escape stops.',
  /** Button: sends the message. */
  'chat.send': 'Send',
  /** Button: ends the answer that is being written. */
  'chat.stop': 'Stop',
  /** Button: asks for the last answer once more. */
  'chat.regenerate': 'Regenerate',
  /** Button under an answer that failed: asks once more. */
  'chat.retry': 'Retry',
  /** Button: begins a new conversation. */
  'chat.new': 'New chat',
  /** Button under an answer: copies its text. */
  'chat.copy': 'Copy',
  /** The same button for a moment after it was pressed. */
  'chat.copied': 'Copied',
  /** Button under an answer: shows the text as it came, without layout. */
  'chat.raw': 'Plain text',
  /** Button under an answer: shows the text with layout again. */
  'chat.rendered': 'Formatted',
  /** Accessible name of the list of messages. */
  'chat.conversation': 'Conversation',
  /** Who wrote a message: the reader. */
  'chat.you': 'You',
  /** An empty conversation. */
  'chat.empty': 'Ask anything. The answer comes from a model in the tabs of contributors.',
  /** While the first text is waited for. wait = a length of time, from a second on. */
  'chat.waiting': 'Waiting for a tab, {wait}',
  /** The same within the first second. */
  'chat.waitingNow': 'Waiting for a tab',
  /** Under an answer while it is written. speed = a number. */
  'chat.pace': 'Writing, about {speed} tok/s',
  /** The same before the speed is known. */
  'chat.writingNow': 'Writing',
  /** The reader pressed Stop. */
  'chat.stopped': 'Stopped.',
  /** The answer is as long as was allowed. */
  'chat.length': 'The answer reached its limit of tokens.',
  /** The model asked for a function, which the page cannot call. */
  'chat.tools': 'The model asked for a function. This page has none.',
  /** An answer could not be given. reason = a sentence. */
  'chat.failed': 'No answer: {reason}',
  /** Under an answer. n = tokens, speed = a number. */
  'chat.speed': '{n, plural, one {# token} other {# tokens}}, {speed} tok/s',
  /** Under an answer of which the speed is not known. n = tokens. */
  'chat.tokens': '{n, plural, one {# token} other {# tokens}}',
  /** Under an answer. time = a short time with its unit. */
  'chat.first': 'first text after {time}',
  /** Tooltip of the count of tokens. prompt, cached = numbers. */
  'chat.prompt': 'Prompt of {prompt} tokens, of which a tab still had {cached}.',
  /** Under an answer. classes = names of device classes with commas between. */
  'chat.answeredBy': 'answered by {classes}',
  /** The same where several accounts worked on one answer. n = accounts. */
  'chat.answeredByMany':
    '{n, plural, one {answered by # contributor} other {answered by # contributors}}: {classes}',
  /** Link to a receipt. n = its number among those of the answer, from 1; hidden where there is only one. */
  'chat.receipt': '{n, plural, =0 {receipt} other {receipt #}}',
  /** Folded away under an answer: its receipts. n = how many, at least two. */
  'chat.receipts': '{n, plural, one {# receipt} other {# receipts}}',
  /** In that list, of a receipt that the relay has not published yet. */
  'chat.receiptDue': 'not published yet',
  /** Button under that list. n = how many more it shows. */
  'chat.moreReceipts': '{n, plural, one {Show # more} other {Show # more}}',
  /** Folded away: choices for the answers. */
  'chat.settings': 'Settings',
  /** Label of a number. */
  'chat.temperature': 'Temperature, 0 to 2',
  /** Under that number. */
  'chat.temperatureHint': '0 always takes the likeliest word. Empty: the model’s own.',
  /** Label of a number from which the random choices of an answer are drawn. */
  'chat.seed': 'Seed',
  /** Under that number. */
  'chat.seedHint': 'The same seed gives the same answer again. Empty: a new one each time.',
  /** Label of a number. */
  'chat.limit': 'Most tokens of an answer',
  /** Label of a text field. */
  'chat.system': 'Instruction',
  /** Under that field. */
  'chat.systemHint': 'Stands before the conversation, for example: Answer in one sentence.',
  /** Label of a field for a secret. */
  'chat.apiKey': 'API key',
  /** Under that field. */
  'chat.apiKeyHint': 'Only where the relay asks for one. It is forgotten when you leave.',
  /** Why there is no answer: the relay takes only who has a key, and none was given. Names the field above. */
  'chat.wantsKey': 'This relay wants an API key. Give it under Settings, “API key”.',
  /** Why there is no answer: the key that was given is unknown or was revoked. */
  'chat.refusedKey': 'The relay does not take this API key. Give another one under Settings, “API key”.',
  /** Folded away: conversations of this and earlier visits. n = how many. */
  'chat.history': '{n, plural, one {# chat} other {# chats}}',
  /** Over the list of earlier conversations. */
  'chat.historyHint': 'Kept in this browser only.',
  /** Button beside an earlier conversation. */
  'chat.delete': 'Delete',
  /** Accessible name of that button. title = the conversation's first words. */
  'chat.deleteLabel': 'Delete “{title}”',

  // Network

  /** Name and headline of the network page. */
  'network.title': 'Network',
  /** Under the headline. */
  'network.lead': 'Every tab that is connected to this relay, and what waits for them.',
  /** How the figures arrive: pushed by the relay as they change. */
  'network.live': 'Live',
  /** How the figures arrive: asked for every few seconds. */
  'network.polling': 'Every few seconds',
  /** The figures are being fetched for the first time. */
  'network.waiting': 'Asking the relay',
  /** The relay does not answer. */
  'network.lost': 'The relay does not answer. Trying again.',
  /** Figure: connected tabs. */
  'network.tabs': 'Tabs',
  /** Figure: verified tasks ever. */
  'network.tasks': 'Tasks done',
  /** Figure: credits ever. */
  'network.credits': 'Credits',
  /** Figure: tasks waiting for a tab. */
  'network.queued': 'Waiting',
  /** Figure: tasks that tabs work on. */
  'network.leased': 'At work',
  /** Title: speed since this page was opened. */
  'network.speed': 'Speed since you opened this page',
  /** Title: waiting tasks by kind. */
  'network.kinds': 'Waiting by kind',
  /** Title: device classes. */
  'network.classes': 'Device classes',
  /** Title: models. */
  'network.models': 'Models',
  /** No model is served. */
  'network.noModels': 'This relay serves no model yet.',
  /** A model that tabs can run now. n = tabs. */
  'network.modelReady':
    '{n, plural, =0 {no tab can run it yet} one {# tab can run it} other {# tabs can run it}}',
  /** Title: verdicts of the newest results. */
  'network.verdicts': 'Newest verdicts',
  /** Title over the list of tabs. */
  'network.list': 'Connected tabs',
  /** No tab is connected. link = a link with the text of nav.contribute. */
  'network.noTabs': 'No tab is connected. {link} opens the first one.',
  /** Column: address of the contributor. */
  'network.address': 'Address',
  /** Column: device class. */
  'network.class': 'Device class',
  /** Column: where models run. */
  'network.backend': 'Backend',
  /** Column: what the tab does. */
  'network.state': 'State',
  /** Column: models that are ready there. */
  'network.held': 'Models',
  /** Column: tasks done by that tab. */
  'network.done': 'Tasks',
  /** State of a tab in the list. */
  'network.idle': 'ready',
  /** State of a tab in the list. */
  'network.working': 'working',
  /** State of a tab in the list. */
  'network.paused': 'paused',
  /** State of a tab in the list. */
  'network.leaving': 'leaving',
  /** Accessible name of a small count. n = tabs. */
  'network.nTabs': '{n, plural, one {# tab} other {# tabs}}',
  /** The list is cut. n = rows not shown. */
  'network.moreTabs': 'and {n, plural, one {# more tab} other {# more tabs}}',

  // Account

  /** Name of the account page. */
  'account.title': 'Account',
  /** Under the headline: the ledger is public. */
  'account.lead': 'The ledger is public. Anyone can read this page and check every receipt on it.',
  /** The path holds no valid address. reason = a whole sentence about what is wrong. */
  'account.badAddress': 'This is not a wallet address. {reason}',
  /** The relay could not be asked. reason = a whole sentence. */
  'account.failed': 'The account could not be read. {reason}',
  /** Button after such an error. */
  'account.retry': 'Try again',
  /** Figure: paid-out credits. */
  'account.paid': 'Paid out',
  /** What that figure means. */
  'account.paidWhy': 'Nothing is paid out in this version. Credits are counted and proved.',
  /** Figure: verified tasks. */
  'account.completed': 'Tasks credited',
  /** Figure: rejected tasks. */
  'account.rejected': 'Rejected',
  /** Figure: number of receipts. */
  'account.receiptCount': 'Receipts',
  /** Title of the list of receipts. */
  'account.receipts': 'Receipts',
  /** The account has none. */
  'account.noReceipts': 'This address has no receipts yet. The first one comes with the first task.',
  /** Filter: kind of task. */
  'filter.kind': 'Kind',
  /** Filter: verdict. */
  'filter.verdict': 'Verdict',
  /** Filter: calendar day. */
  'filter.day': 'Day',
  /** The first choice of every filter. */
  'filter.all': 'All',
  /** Nothing passes the filters. */
  'filter.none': 'No receipt among those loaded passes the filters.',
  /** How much of the list is shown. shown, loaded and total are counts. */
  'account.shown': '{shown} shown of {loaded} loaded, {total} in all',
  /** Button: the next page of receipts. */
  'account.more': 'Load older receipts',
  /** Button: saves all receipts that pass the filters as a file for spreadsheets. */
  'account.csv': 'Save as CSV',
  /** While the file is gathered. n = receipts read so far. */
  'account.csvBusy': 'Reading receipts: {n}',
  /** Name of the saved file. address is shortened to letters and digits. */
  'account.csvName': 'opentab-{address}.csv',

  // One receipt

  /** Title of one receipt. */
  'receipt.title': 'Receipt',
  /** Button that closes it. */
  'receipt.close': 'Close',
  /** The receipt is being read. */
  'receipt.reading': 'Reading the receipt.',
  /** The receipt is not in a published checkpoint yet. */
  'receipt.pending':
    'This receipt is signed and waits for the next checkpoint. It can be checked in a moment.',
  /** The receipt could not be read. reason = a whole sentence. */
  'receipt.failed': 'The receipt could not be read. {reason}',
  /** The receipt belongs to another address. */
  'receipt.other': 'This receipt belongs to another address.',
  /** Field of a receipt: its id. */
  'receipt.id': 'Receipt id',
  /** Field: when it was made. */
  'receipt.at': 'Time',
  /** Field: the log it stands in. */
  'receipt.relay': 'Log',
  /** Field: id of the task. */
  'receipt.task': 'Task',
  /** Field: kind of the task. */
  'receipt.kind': 'Kind',
  /** Field: hash of the model or kernel. */
  'receipt.subject': 'Model or kernel',
  /** Field: salted hash of the input. */
  'receipt.input': 'Input, salted hash',
  /** Field: salted hash of the output. */
  'receipt.output': 'Output, salted hash',
  /** Field: seed. */
  'receipt.seed': 'Seed',
  /** Field: device class. */
  'receipt.deviceClass': 'Device class',
  /** Field: exact or float lane. */
  'receipt.lane': 'Lane',
  /** The lane in which results are equal to the last bit. */
  'receipt.exact': 'exact: equal to the last bit on every device',
  /** The lane in which results agree within a tolerance. */
  'receipt.float': 'float: equal within a tolerance',
  /** Field: the verdict. */
  'receipt.verdict': 'Checked',
  /** A verdict with what it means; word and why are verdict texts. */
  'receipt.verdictWhy': '{word}: {why}',
  /** Field: operations. */
  'receipt.operations': 'Operations',
  /** Field: credit. */
  'receipt.credit': 'Credit',
  /** Field: the account. */
  'receipt.account': 'Address',
  /** Field: the previous receipt of the same address. */
  'receipt.previous': 'Receipt before this',
  /** There is no previous receipt. */
  'receipt.first': 'none, this is the first',
  /** Button: checks the proof on the spot. */
  'verify.button': 'Verify in this browser',
  /** While the check runs. */
  'verify.busy': 'Verifying',
  /** Before the check: what it does. */
  'verify.lead':
    'Checks the signature of the log and the path from this receipt to its signed root, here, without trusting this page’s figures.',
  /** Result: everything holds. */
  'verify.valid': 'Valid. This receipt stands in the signed log.',
  /** Result: something does not hold. */
  'verify.invalid': 'Not valid. Do not rely on this receipt.',
  /** A step that holds, read before the step’s words. */
  'verify.ok': 'Holds',
  /** A step that does not hold, read before the step’s words. */
  'verify.bad': 'Fails',
  /** First step: the key is the one this browser has known. since is a formatted day. */
  'verify.keyPinned': 'The log’s key is the one this browser has known since {since}.',
  /** First step, first time: the key is remembered from now on. */
  'verify.keyNew': 'The log’s key is new to this browser. It is remembered from now on.',
  /** First step fails: the relay shows another key than before. */
  'verify.keyChanged':
    'The relay shows another key than this browser has known since {since}. Ask the operator before you trust either.',
  /** Proof step: the log’s public key can be read. */
  'step.key': 'The key of the log',
  /** Proof step: the saved document is complete. */
  'step.document': 'The document',
  /** Proof step: the entry of the log can be read. */
  'step.entry': 'The entry of the log',
  /** Proof step: the entry is written in the one canonical way. */
  'step.canonical': 'The entry’s form',
  /** Proof step: entry and document carry the same id. */
  'step.id': 'The receipt’s id',
  /** Proof step: what people read equals what is proved. */
  'step.receipt': 'What you read above',
  /** Proof step: the proof can be read. */
  'step.proof': 'The proof',
  /** Proof step: the place of the entry in the log. */
  'step.index': 'The place in the log',
  /** Proof step: the hashes lead from the entry to the root of the log. */
  'step.inclusion': 'The path to the root',
  /** Proof step: the root is signed. */
  'step.signature': 'The signature',
  /** Proof step: all parts name the same log. */
  'step.origin': 'The log’s name',
  /** Proof step: the form of the receipt for Ethereum wallets. Keep EIP-712. */
  'step.eip712': 'The EIP-712 signature',
  /** Proof step that compares the key with the one seen before. */
  'step.pinned': 'The key you know',
  /** The browser cannot check Ed25519 signatures. */
  'verify.noEd25519':
    'This browser cannot check Ed25519 signatures. Update it, or use “opentab receipt verify” on the saved file.',
  /** Browsers offer cryptography only over HTTPS and on the same machine. */
  'verify.insecure':
    'This page came over plain HTTP, where browsers offer no cryptography. Open the relay by HTTPS.',
  /** The check could not be done. reason = a whole sentence. */
  'verify.failed': 'The check could not be done. {reason}',
  /** Link that saves the proof document. */
  'verify.save': 'Save the receipt file',

  // Trouble between the page and the relay

  /** No answer from the relay at all. */
  'relay.unreachable': 'The relay does not answer. Check the connection and try again.',
  /** The relay’s answer is not what this page expects. */
  'relay.unexpected': 'The relay’s answer makes no sense to this page. Reload it.',
} as const

export type TextKey = keyof typeof en
