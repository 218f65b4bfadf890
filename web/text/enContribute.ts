/** Texts of the contribute page: its head, earnings, tasks and this device. The rules are those of web/text/en.ts. */
export const enContribute = {
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
  /** In place of the chart before the first task. */
  'chart.empty': 'Nothing has run yet. Speed and tasks appear here with the first results.',
  /** In place of the chart when the last task was longer ago than it shows. */
  'chart.quiet': 'Nothing has run in the last 15 minutes.',
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
  /** Under a failed task that was a developer’s program. reason = the error’s sentence. */
  'tasks.programFailed':
    'Failed here: {reason} It is for the developer of the program to mend; there is nothing for you to do.',
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
  /** Only the processor was measured, for want of an adapter. wasm is a formatted time. */
  'device.measuredAlone': 'there is nothing else: a small model took {wasm} on the processor',
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
  /** A model that the relay wants here could not be loaded. reason = a sentence. */
  'models.failed': 'Not loaded: {reason}',
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
} as const
