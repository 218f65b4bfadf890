/** Texts of the page about the whole network. The rules are those of web/text/en.ts. */
export const enNetwork = {
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
  'network.queued': 'Tasks waiting',
  /** Figure: tasks that tabs work on. */
  'network.leased': 'Tasks at work',
  /** Title: speed since this page was opened. */
  'network.speed': 'Speed since you opened this page',
  /** In place of the chart under that title. */
  'network.noSpeed': 'No task has ended since you opened this page.',
  /** Title: waiting tasks by kind. */
  'network.kinds': 'Waiting tasks by kind',
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
  'network.verdicts': 'Verdicts of the newest results',
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
} as const
