import { type ErrorCode, OpentabError } from '../../protocol/errors.ts'
import { HEARTBEAT_MS, TASK_TIME_LIMIT_MS } from '../../protocol/limits.ts'
import type { FromRelay } from '../../protocol/messages.ts'
import type { Lease, TaskSpec } from '../../protocol/task.ts'
import type { ComputeApi } from '../compute/computeApi.ts'
import { ComputeKeeper } from './computeKeeper.ts'
import { Connection, type DownReason, type Welcome } from './connection.ts'
import { failureOf } from './failureOf.ts'
import { DEVICE_LOST_WAIT_MS, Governor } from './governor.ts'
import type { KeyValues } from './keyValues.ts'
import { type HandbackReason, LeaseQueue } from './leaseQueue.ts'
import type { PageEvent } from './linkApi.ts'
import { ModelCatalogue } from './modelCatalogue.ts'
import { ModelLoader } from './modelLoader.ts'
import { SelfReport } from './selfReport.ts'
import { SnapshotFeed } from './snapshot.ts'
import type { TabSettings, TabSnapshot } from './tabApi.ts'
import type { TabEnvironment } from './tabEnvironment.ts'
import { type Phase, tabStateOf } from './tabStateOf.ts'
import { SAMPLE_MS, TaskLog } from './taskLog.ts'

export interface TabSessionOptions {
  environment: TabEnvironment
  keyValues: KeyValues
  settings: TabSettings
  show(snapshot: TabSnapshot): Promise<void>
}

/** One session of a tab, from Start to Stop: it joins connection, leases, models and governor. Knows no transport. */
export class TabSession {
  readonly #environment: TabEnvironment
  readonly #settings: TabSettings
  readonly #governor: Governor
  readonly #compute: ComputeKeeper
  readonly #connection: Connection
  readonly #queue: LeaseQueue
  readonly #loader: ModelLoader
  readonly #report: SelfReport
  readonly #log = new TaskLog()
  readonly #feed: SnapshotFeed
  readonly #startedAt: number
  #phase: Phase = 'device'
  #error: { code: ErrorCode; message: string; fix: string } | null = null
  #welcome: Welcome | null = null
  #down: { reason: DownReason; retryAt: number } | null = null
  #draining = false
  #credits: TabSnapshot['credits'] = null
  #idleSince = 0
  /** Whether the page was last told that the tab works. */
  #shownWorking = false
  #callOffSample: () => void = () => {}

  constructor({ environment, keyValues, settings, show }: TabSessionOptions) {
    const { clock } = environment
    this.#environment = environment
    this.#settings = { ...settings }
    this.#startedAt = clock.now()
    this.#governor = new Governor(clock, settings)
    this.#compute = new ComputeKeeper(environment)
    this.#feed = new SnapshotFeed({ clock, take: () => this.#snapshot(), push: show })
    this.#loader = new ModelLoader({
      clock,
      store: environment.store,
      catalogue: new ModelCatalogue(keyValues),
      packed: () => this.#compute.device?.report.onnxBackend === 'webgpu',
      readyChanged: () => {
        this.#report.modelsChanged()
        this.#queue.pump()
      },
      deviceLost: (message) => this.#deviceLost('device_lost', message),
      changed: () => this.#feed.changed(),
    })
    this.#report = new SelfReport({
      settings: this.#settings,
      device: () => this.#compute.device,
      models: () => this.#loader,
      say: (message) => this.#connection.say(message),
    })
    this.#queue = new LeaseQueue({
      clock,
      run: (spec, run) => this.#run(spec, run),
      // A worker that is gone has ended it already.
      endRun: (run) => void this.#compute.api?.endRun(run).catch(() => {}),
      refusal: () => this.#refusal(),
      // Without the link a relay that restarts would void what is started now.
      mayStart: () => this.#compute.api !== null && this.#connection.up && this.#refusal() === null,
      canRun: (spec) => this.#canRun(spec),
      restAfter: (taskMs) => this.#governor.restAfter(taskMs),
      deliver: (data) => this.#connection.deliver(data),
      deviceLost: (message) => this.#deviceLost('device_lost', message),
      events: {
        started: () => this.#worked(),
        finished: (lease, computeMs) => this.#record(lease, computeMs, null, null),
        failed: (lease, _code, message) => this.#record(lease, 0, 'failed', message),
        handedBack: (lease) => this.#record(lease, 0, 'handed-back', null),
      },
    })
    this.#connection = new Connection({
      clock,
      random: environment.random,
      openSocket: (listener) => environment.openSocket(listener),
      hello: () => this.#report.hello(),
      held: () => this.#queue.held(),
      welcomed: (welcome) => this.#welcomed(welcome),
      received: (message) => this.#received(message),
      leased: (leases) => {
        this.#queue.accept(leases)
        this.#worked()
      },
      down: (reason, retryAt) => {
        this.#down = { reason, retryAt }
        if (this.#phase === 'finishing') this.#end()
        this.#feed.changed()
      },
      failed: (error) => this.#end(error),
      beat: () => this.#watch(),
    })
  }

  /** Opens the device, then connects. Ends in the state `stopped` with a reason when that fails. */
  async start(): Promise<void> {
    this.#feed.changed()
    this.#sampleLater()
    try {
      await this.#loader.open()
      const api = await this.#compute.open()
      if (!api) return
      this.#use(api)
    } catch (error) {
      this.#end(error)
      return
    }
    this.#phase = 'connecting'
    this.#connection.open()
    this.#feed.changed()
  }

  pause(): void {
    this.#governor.pauseByUser(true)
    this.#governed()
  }

  resume(): void {
    this.#governor.pauseByUser(false)
    this.#governed()
  }

  /** Takes no more, ends what runs, then leaves. */
  finish(): void {
    if (this.#phase === 'stopped' || this.#phase === 'finishing') return
    const early = this.#phase !== 'running' || !this.#connection.up
    this.#phase = 'finishing'
    this.#queue.handBackWaiting('leaving')
    this.#connection.say({ type: 'state', state: 'finishing' })
    this.#feed.changed()
    if (early) this.#end()
    else this.#endIfDone()
  }

  /** Ends at once: leases go back now; settles when the compute worker is gone. */
  stop(): Promise<void> {
    this.#end()
    return this.#compute.end()
  }

  change(settings: Partial<Omit<TabSettings, 'address'>>): void {
    Object.assign(this.#settings, settings)
    this.#governor.intensity = this.#settings.intensity
    this.#governor.onBattery = this.#settings.onBattery
    this.#governed()
    if (settings.storageBytes !== undefined) this.#loader.setStorageLimit(settings.storageBytes)
  }

  async deleteModel(hash: string): Promise<void> {
    await this.#loader.delete(hash)
  }

  tell(event: PageEvent): void {
    switch (event.type) {
      case 'battery':
        this.#governor.setBattery(event.battery)
        this.#governed()
        break
      case 'network':
        this.#connection.setOnline(event.online)
        break
      case 'visibility':
        // A hidden tab goes on: nothing depends on what is seen.
        break
      case 'leaving':
        this.#end()
        break
      case 'compute-error':
        if (this.#phase === 'device') this.#end(new OpentabError('internal', event.message))
        else if (this.#compute.api) this.#deviceLost('internal', event.message)
        break
      default:
        event satisfies never
    }
  }

  /** Stops talking without a word, as a tab that crashed (a fault of the tests). */
  vanish(): void {
    this.#connection.vanish()
    this.#compute.lose()
  }

  #run(spec: TaskSpec, run: number) {
    const { api } = this.#compute
    if (!api) throw new OpentabError('internal', 'A task was started without a compute worker.')
    return api.run(spec, run)
  }

  /** A compute worker is open. */
  #use(api: ComputeApi): void {
    // Without tokens an answer still comes whole.
    api.hearTokens((run, chunk) => this.#queue.tokens(run, chunk)).catch(() => {})
    // Without it kernels run as well, only slower on some devices.
    api.hearTuning((report) => this.#report.tuned(report)).catch(() => {})
    this.#adoptTuning(api)
    this.#loader.setCompute(api)
  }

  /** What tabs of the same device class measured. */
  #adoptTuning(api: ComputeApi | null): void {
    const tuning = this.#welcome?.tuning
    if (tuning) api?.adoptTuning(tuning).catch(() => {})
  }

  #canRun(spec: TaskSpec): boolean {
    if (spec.kind === 'custom') return this.#settings.customKernels
    if (spec.kind !== 'kernel') return this.#loader.canRun(spec)
    return this.#compute.device?.kernels.includes(spec.kernel) ?? false
  }

  #refusal(): HandbackReason | null {
    if (this.#phase === 'finishing' || this.#phase === 'stopped') return 'leaving'
    if (this.#draining) return 'not-ready'
    const pause = this.#governor.pause
    if (!pause) return null
    return pause.reason === 'device-lost' ? 'not-ready' : 'pause'
  }

  #welcomed(welcome: Welcome): void {
    this.#welcome = welcome
    this.#down = null
    this.#draining = false
    if (this.#phase === 'connecting') this.#phase = 'running'
    if (welcome.resumed) this.#queue.forgetFinished()
    else this.#queue.dropAll()
    this.#adoptTuning(this.#compute.api)
    this.#report.welcomed()
    this.#idleSince = this.#environment.clock.now()
    this.#governed()
    this.#endIfDone()
  }

  #received(message: Exclude<FromRelay, Welcome>): void {
    switch (message.type) {
      case 'models':
        this.#loader.want(message.models, message.ranges)
        break
      case 'cancel':
        this.#queue.cancel(message.leases)
        this.#endIfDone()
        break
      case 'verdicts':
        this.#log.judge(message.items)
        this.#feed.figuresChanged()
        return
      case 'credits':
        this.#credits = {
          pending: message.pending,
          escrow: message.escrow,
          settled: message.settled,
        }
        this.#feed.figuresChanged()
        return
      case 'drain':
        this.#draining = true
        this.#connection.expectRestart(message.reconnectMs)
        this.#queue.handBackWaiting('not-ready')
        break
      case 'error':
        break
      default:
        message satisfies never
    }
    this.#feed.changed()
  }

  /** Work went on: the page hears soon that there is some, and of its figures and its end a little later. */
  #worked(): void {
    if (this.#queue.size > 0 && !this.#shownWorking) this.#feed.changed()
    else this.#feed.figuresChanged()
  }

  /** Applies what the governor says now. */
  #governed(): void {
    if (this.#phase !== 'running') return
    const { pause } = this.#governor
    if (this.#report.paused(pause?.reason ?? null)) this.#idleSince = this.#environment.clock.now()
    // After that word: else the relay may lease the same tasks here again at once.
    if (pause) this.#queue.handBackWaiting(pause.reason === 'device-lost' ? 'not-ready' : 'pause')
    this.#queue.pump()
    this.#feed.changed()
  }

  #deviceLost(code: ErrorCode, message: string): void {
    if (this.#phase === 'stopped') return
    this.#compute.lose()
    const next = this.#governor.deviceLost()
    if (next === 'wait') this.#governed()
    this.#queue.abandon('device-lost', 'not-ready')
    this.#loader.setCompute(null)
    if (next === 'stop') {
      this.#end(
        new OpentabError(code, `The GPU device was lost a second time: ${message}`, {
          fix: 'Update the graphics driver or restart the browser, then press Start again.',
        }),
      )
    } else if (this.#phase === 'finishing') this.#endIfDone()
    else {
      this.#compute.rebuild(
        DEVICE_LOST_WAIT_MS,
        (api) => this.#rebuilt(api),
        (error) => this.#end(error),
      )
    }
  }

  #rebuilt(api: ComputeApi): void {
    this.#governor.deviceBack()
    this.#use(api)
    this.#governed()
  }

  /** At each heartbeat: a task far over its time holds the device; the worker is rebuilt. */
  #watch(): void {
    const current = this.#queue.current
    const now = this.#environment.clock.now()
    if (current && now - current.startedAt > TASK_TIME_LIMIT_MS + HEARTBEAT_MS) {
      this.#deviceLost('time_limit', 'A task did not end within its time limit.')
    }
  }

  #record(
    lease: Lease,
    computeMs: number,
    verdict: 'failed' | 'handed-back' | null,
    reason: string | null,
  ): void {
    const at = this.#environment.clock.now()
    this.#log.add(lease, { at, computeMs, ...this.#loader.subjectOf(lease.spec), verdict, reason })
    this.#idleSince = at
    this.#worked()
    // The result itself goes out at the end of this turn.
    if (this.#phase === 'finishing') this.#environment.clock.soon(() => this.#endIfDone())
  }

  #endIfDone(): void {
    if (this.#phase === 'finishing' && this.#queue.empty) this.#end()
  }

  /** Ends for good; `cause` says why when nobody asked for it. */
  #end(cause?: unknown): void {
    if (this.#phase === 'stopped') return
    const asked = this.#phase === 'finishing' ? 'leaving' : 'stop'
    this.#phase = 'stopped'
    this.#callOffSample()
    this.#queue.abandon(asked, asked)
    this.#connection.say({ type: 'leaving' })
    this.#connection.close()
    this.#loader.stop()
    void this.#compute.end()
    if (cause !== undefined) {
      const { code, message } = failureOf(cause)
      const fix = cause instanceof OpentabError ? cause.fix : new OpentabError(code).fix
      this.#error = { code, message, fix }
    }
    this.#feed.changed()
  }

  #sampleLater(): void {
    const { clock } = this.#environment
    this.#callOffSample = clock.after(SAMPLE_MS, () => {
      this.#log.sample(clock.now())
      this.#feed.figuresChanged()
      this.#sampleLater()
    })
  }

  #snapshot(): TabSnapshot {
    const { device } = this.#compute
    const state = tabStateOf({
      phase: this.#phase,
      error: this.#error,
      pause: this.#governor.pause,
      down: this.#down,
      leases: this.#queue.size,
      loading: this.#loader.loading,
      idleSince: this.#idleSince,
    })
    this.#shownWorking = state.name === 'working'
    return {
      state,
      tab: this.#welcome?.tab ?? null,
      relay: this.#welcome?.relay ?? null,
      device: device && { ...device, deviceClass: this.#welcome?.deviceClass ?? '' },
      credits: this.#credits,
      session: this.#log.session(this.#startedAt),
      current: this.#loader.taskOf(this.#queue.current),
      tasks: this.#log.rows(),
      throughput: this.#log.samples(),
      models: this.#loader.models(),
      storage: { usedBytes: this.#loader.usedBytes, allowedBytes: this.#settings.storageBytes },
    }
  }
}
