/**
 * The metrics page: what is counted since the start, how the background work stands, and what waits for it.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Counters from "./Counters.js"
import type { Progress } from "./Job.js"
import { Jobs, type Service } from "./Jobs.js"

const runners: ReadonlyArray<Service["runner"]> = ["fibers", "joining", "cluster", "unavailable"]

const ofJobs = ({ progress, runner }: Service): ReadonlyArray<string> => {
  const each = (value: (one: Progress) => number) => progress.map((one) => [`{job="${one.name}"}`, value(one)] as const)
  return [
    Counters.family("gauge", "collector_job_here", "1: this process runs the job, and no other replica does.", [
      ...each(({ here }) => here ? 1 : 0)
    ]),
    Counters.family("counter", "collector_job_runs_total", "Passes of a job that ended well, here.", [
      ...each(({ runs }) => runs)
    ]),
    Counters.family("counter", "collector_job_failures_total", "Passes of a job that failed, here.", [
      ...each(({ failures }) => failures)
    ]),
    Counters.family(
      "gauge",
      "collector_job_last_run_timestamp_seconds",
      "When a pass last ended well, here.",
      progress.flatMap(({ lastRunAt, name }) => lastRunAt === null ? [] : [[`{job="${name}"}`, lastRunAt / 1000]])
    ),
    Counters.family(
      "gauge",
      "collector_jobs_runner",
      "Who does the background work: this process, or replicas that share it.",
      runners.map((one) => [`{runner="${one}"}`, one === runner ? 1 : 0])
    )
  ]
}

/** What waits in the database, and which alerts are on. */
interface Waiting {
  readonly deltas: number
  readonly notifications: number
  readonly firing: number
}

const ofStorage = (waiting: Option.Option<Waiting>): ReadonlyArray<string> => [
  Counters.family("gauge", "collector_storage_up", "1: the database answers.", [["", Option.isSome(waiting) ? 1 : 0]]),
  ...Option.match(waiting, {
    onNone: () => [],
    onSome: ({ deltas, firing, notifications }) => [
      Counters.family("gauge", "collector_deltas_waiting", "Batches whose counts wait to be folded.", [["", deltas]]),
      Counters.family("gauge", "collector_alerts_firing", "Rules that fire.", [["", firing]]),
      Counters.family("gauge", "collector_alert_notifications_waiting", "Notifications that are not yet delivered.", [
        ["", notifications]
      ])
    ]
  })
]

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Effect.Effect<string>,
  never,
  SqlClient.SqlClient | Counters.Counters | Jobs
> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const counters = yield* Counters.Counters
  const jobs = yield* Jobs
  const waiting = Effect.option(
    Effect.map(
      sql<Waiting>`SELECT (SELECT count(*) FROM rollup_delta) AS deltas,
        (SELECT count(*) FROM alert_notifications) AS notifications,
        (SELECT count(*) FROM alert_rules WHERE firing = 1) AS firing`,
      ([row]) => ({
        deltas: Number(row?.deltas),
        notifications: Number(row?.notifications),
        firing: Number(row?.firing)
      })
    )
  )
  return Effect.map(
    waiting,
    (n) => Counters.toPrometheus(counters) + [...ofJobs(jobs), ...ofStorage(n)].join("\n") + "\n"
  )
})
