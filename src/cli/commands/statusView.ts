/**
 * How a status is shown.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Reason } from "../../domain/Consent.js"
import * as Status from "../../Status.js"
import { type Flags, Host } from "../Host.js"
import { note, print } from "../Output.js"
import { pairs } from "../render/table.js"
import { bytes, clean, plural, time } from "../render/text.js"
import type { Service as Shell } from "../Shell.js"

/**
 * What decided that telemetry is on or off.
 *
 * @since 0.1.0
 * @category formatting
 */
export const why = (reason: Reason, invocation: string): string => {
  switch (reason) {
    case "consented":
      return "you have consented"
    case "not-asked":
      return `nobody was asked yet; "${invocation} enable" turns it on`
    case "opted-out":
      return `you have opted out; "${invocation} enable" turns it on again`
    case "do-not-track":
      return "DO_NOT_TRACK is set"
    case "disabled-by-env":
      return "TELEMETRY_DISABLED is set"
    case "ci":
      return "CI is set"
    case "unreadable":
      return `the consent record, the settings or a variable cannot be understood; the warning says which`
    case "policy-changed":
      return `what is collected has changed; "${invocation} enable" consents to it`
    case "project":
      return "a file of this project turns it off"
    case "notice-failed":
      return "the notice could not be shown"
    case "not-loaded":
      return "its code could not be loaded"
  }
}

const stored = ({ store }: Status.Status): string =>
  store.events === null || store.bytes === null
    ? "unknown"
    : store.events === 0
    ? "nothing"
    : `${plural(store.events, "event")}, ${bytes(store.bytes)}, oldest ${time(store.oldest)}`

const queued = ({ queue }: Status.Status): string =>
  queue.total === null
    ? "unknown"
    : queue.total === 0
    ? "empty"
    : `${queue.pending} pending, ${queue.retrying} retrying, ${queue.leased} leased, ${queue.dead} dead`

/**
 * What is still to be sent; null where that is not known.
 *
 * @since 0.1.0
 * @category getters
 */
export const waiting = ({ queue }: Status.Status): number | null =>
  queue.total === null || queue.dead === null ? null : queue.total - queue.dead

/**
 * The status as a person reads it.
 *
 * @since 0.1.0
 * @category formatting
 */
export const human = (status: Status.Status, invocation: string) => (shell: Shell): string => {
  const { submission } = status
  const dropped = Object.entries(status.dropped).filter(([, n]) => n > 0)
  const sent = [submission.totalSubmitted, submission.totalRejected, submission.totalFailed].some((n) =>
    n !== null && n > 0
  )
  return pairs([
    ["Telemetry", `${status.enabled ? "on" : "off"} (${why(status.reason, invocation)})`],
    ...(status.enabled ? [["Level", status.level] as const] : []),
    ["Sending", status.remote ? `on, to ${status.endpoint ?? "no endpoint yet"}` : "off: nothing leaves this machine"],
    ...(status.optedOutAt === null ? [] : [["Opted out", time(status.optedOutAt)] as const]),
    ...(status.installationId === null ? [] : [["Installation", status.installationId] as const]),
    ["Directory", status.dataDir ?? "-"],
    ["Stored", stored(status)],
    ["Queue", queued(status)],
    ...(sent
      ? [
        [
          "Sent",
          `${submission.totalSubmitted} accepted, ${submission.totalRejected} refused, last ${
            time(submission.lastSubmissionAt)
          }`
        ] as const
      ]
      : []),
    ...(submission.paused === null ? [] : [["Paused", submission.paused] as const]),
    ...(submission.lastError === null ? [] : [["Last error", submission.lastError] as const]),
    ...(submission.nextAttemptAt === null ? [] : [["Next attempt", time(submission.nextAttemptAt)] as const]),
    ...(status.erasure === null ? [] : [
      [
        "Erasure",
        `asked of the collector ${time(status.erasure.requestedAt)}, not confirmed yet` +
        (status.erasure.lastError === null ? "" : ` (${status.erasure.lastError})`)
      ] as const
    ]),
    ...(dropped.length === 0 ? [] : [["Dropped", dropped.map(([reason, n]) => `${reason} ${n}`).join(", ")] as const])
  ], shell.style)
}

/**
 * Prints a status, with its warnings beside it.
 *
 * @since 0.1.0
 * @category output
 */
export const printStatus = (flags: Flags, status: Status.Status) =>
  Effect.gen(function*() {
    const { invocation } = yield* Host
    yield* print(flags, status, human(status, invocation))
    for (const warning of status.warnings) yield* note(`warning: ${clean(warning)}`)
  })

/**
 * What is said where nothing can be read: off, and why.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unreadable = (dataDir: string | null, message: string): Status.Status =>
  Status.make({
    effective: {
      enabled: false,
      reason: "unreadable",
      level: "basic",
      remote: false,
      epoch: null,
      optedOutAt: null,
      installationId: null,
      sendable: new Map()
    },
    endpoint: null,
    dataDir,
    queueLimit: Infinity,
    stored: Status.unknown,
    uncommitted: {},
    warnings: [message]
  })
