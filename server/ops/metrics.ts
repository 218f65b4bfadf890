import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Core } from '../core.ts'
import type { OpentabChecker } from '../verify/createChecker.ts'

/** Prometheus metrics, read from the core's own counters when they are asked for. */
export function createMetrics(core: Core, checker: OpentabChecker): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const add = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `opentab_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  const { counters, commit } = core
  add('tasks_verified_total', 'Tasks verified since the start.', () => counters.tasksVerified)
  add('micro_credits_total', 'Micro-credits credited since the start.', () => counters.microCredits)
  add('results_rejected_total', 'Results rejected since the start.', () => counters.resultsRejected)
  add(
    'results_ignored_total',
    'Late, duplicate or forged results since the start.',
    () => counters.resultsIgnored,
  )
  add('leases_granted_total', 'Leases granted since the start.', () => counters.leasesGranted)
  add('leases_lost_total', 'Leases that ended without a result since the start.', () => counters.leasesLost)
  add('tabs', 'Connected tabs.', () => core.tabs.size)
  add('tasks_queued', 'Tasks that wait for a tab.', () => core.queue.length)
  add('jobs_open', 'Jobs that are not done.', () => core.jobs.size)
  add('commits_total', 'Group commits since the start.', () => commit.stats.commits)
  add('commit_seconds_total', 'Time spent in commits since the start, s.', () => commit.stats.commitMs / 1000)
  add('log_entries', 'Entries of the transparency log.', () => core.receipts.size)
  add(
    'log_published',
    'Entries that the published checkpoint covers.',
    () => core.receipts.writer.published.size,
  )
  add('ledger_sum', 'Sum of all balances, micro-credits: zero, always.', () => core.ledger.sum())
  add(
    'checks_queued',
    'Checks that wait for a thread.',
    () => checker.figures().matmulQueued + checker.figures().refereeQueued,
  )
  add('check_cpu_seconds_total', 'CPU time of the checking threads, s.', () => {
    const figures = checker.figures()
    return (figures.matmulCpuMs + figures.refereeCpuMs) / 1000
  })
  const verdicts = new Gauge({
    name: 'opentab_verdicts_total',
    help: 'Verified results by verdict since the start.',
    labelNames: ['verdict'],
    registers: [registry],
    collect() {
      for (const [verdict, count] of Object.entries(counters.checks)) this.set({ verdict }, count)
    },
  })
  void verdicts
  return registry
}
