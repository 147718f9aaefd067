/**
 * `submit`: sends what waits, now.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { ConsentGate } from "../../consent/ConsentGate.js"
import type { Reason } from "../../domain/Consent.js"
import * as Destination from "../../domain/Destination.js"
import { SubmissionQueue } from "../../persistence/SubmissionQueue.js"
import * as Permission from "../../scheduling/Permission.js"
import type { SubmitReport } from "../../scheduling/Submitter.js"
import type { Status } from "../../Status.js"
import { Telemetry } from "../../Telemetry.js"
import { failed, inPart } from "../Failure.js"
import { type Flags, Host, withTelemetry } from "../Host.js"
import { note, print } from "../Output.js"
import { clean, plural, time } from "../render/text.js"
import { Shell } from "../Shell.js"
import { waiting } from "./statusView.js"

const human = (report: SubmitReport): string =>
  [
    `${report.submitted} sent`,
    ...(report.rejected === 0 ? [] : [`${report.rejected} refused`]),
    ...(report.failed === 0 ? [] : [`${report.failed} failed`]),
    report.remaining === null ? "it is unknown how many are left" : `${report.remaining} left`
  ].join(", ")

/** How many are left, every second, while somebody watches. */
const progress = Effect.gen(function*() {
  const { progress: watched } = yield* Shell
  if (!watched) return yield* Effect.never
  const queue = yield* SubmissionQueue
  yield* queue.counts(Destination.defaultId).pipe(
    Effect.flatMap((counts) => note(`${plural(counts.pending + counts.retrying + counts.leased, "event")} left …`)),
    Effect.ignore,
    Effect.schedule(Schedule.spaced(Duration.seconds(1)))
  )
  return yield* Effect.never
})

const stopped = (report: SubmitReport, status: Status): string => {
  const { nextAttemptAt, paused } = status.submission
  const cause = paused ?? report.lastError
  return (cause === null ? "the rate limit is reached" : clean(cause)) +
    (nextAttemptAt === null ? "" : `; next attempt ${time(nextAttemptAt)}`)
}

/** Under an override such as `DO_NOT_TRACK` nothing leaves. */
const isOwnChoice = (reason: Reason): boolean =>
  reason === "consented" || reason === "opted-out" || reason === "policy-changed"

/** What the collector was asked to erase and has not confirmed: the only thing that may leave after opting out. */
const erasing = (flags: Flags) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    yield* print(flags, yield* telemetry.submitNow, () => "")
    const { erasure } = yield* telemetry.status
    if (erasure === null) return yield* note("The collector has confirmed the erasure.")
    return yield* failed(`The collector has not confirmed the erasure yet: ${clean(erasure.lastError ?? "no answer")}.`)
  })

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags) =>
  Effect.gen(function*() {
    const { invocation } = yield* Host
    const telemetry = yield* Telemetry
    const before = yield* telemetry.status
    if (isOwnChoice(before.reason) && before.erasure !== null && !before.remote) return yield* erasing(flags)
    if (!before.enabled || !before.remote) {
      const lastError = Permission.describe(yield* Effect.flatMap(ConsentGate, (gate) => gate.refresh), null)
      yield* print(flags, { submitted: 0, rejected: 0, failed: 0, remaining: waiting(before), lastError }, () => "")
      return yield* failed(
        before.enabled
          ? `Nothing was sent: sending was not consented to. "${invocation} enable --remote" does that.`
          : `Nothing was sent: telemetry is off (${before.reason}). "${invocation} status" says more.`
      )
    }
    const report = yield* Effect.raceFirst(telemetry.submitNow, progress)
    yield* print(flags, report, () => human(report))
    const nothing = report.submitted === 0 && report.rejected === 0
    if (report.remaining === 0 && (!nothing || report.lastError === null)) return
    const reason = stopped(report, yield* telemetry.status)
    return yield* nothing
      ? failed(`Nothing was sent: ${reason}.`)
      : inPart(`${report.remaining === null ? "Some events" : plural(report.remaining, "event")} left: ${reason}.`)
  }).pipe(withTelemetry(flags))
