/**
 * `enable`: records a person's consent. It asks only where somebody can answer.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Level } from "../../domain/Level.js"
import { Settings } from "../../persistence/Settings.js"
import { Telemetry } from "../../Telemetry.js"
import { Config } from "../../TelemetryConfig.js"
import { failed, misused } from "../Failure.js"
import { type Flags, Host, withTelemetry } from "../Host.js"
import { note } from "../Output.js"
import { Shell } from "../Shell.js"
import { printStatus } from "./statusView.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Consent {
  readonly remote: boolean
  readonly level: Level | undefined
  readonly endpoint: string | undefined
  /** Absent where nothing was shown: options speak for a person who knows. */
  readonly noticeShown?: boolean
}

/** The first line of standard input. */
const readKey = Effect.gen(function*() {
  const shell = yield* Shell
  if (shell.interactive) yield* note("Paste the key and press Enter:")
  const line = yield* Stream.runHead(shell.lines)
  const key = Option.getOrElse(line, () => "").trim()
  return key === "" ? yield* misused("--api-key-stdin: standard input held no key.") : key
})

/** Stored before consent is, so that the endpoint is known when consent names its origin. */
const store = (asked: Consent, key: string | undefined) =>
  Effect.gen(function*() {
    const { invocation } = yield* Host
    if (asked.remote && asked.endpoint === undefined && (yield* Config).endpoint === null) {
      return yield* misused(
        `No endpoint is known to send to: "${invocation} enable --remote --endpoint URL", or set TELEMETRY_ENDPOINT.`
      )
    }
    if (asked.endpoint === undefined && key === undefined) return
    const settings = yield* Settings
    yield* settings.update({
      ...(asked.endpoint === undefined ? {} : { "remote-endpoint": asked.endpoint }),
      ...(key === undefined ? {} : { "api-key": key })
    })
  })

const consent = (asked: Consent) =>
  Effect.gen(function*() {
    const { endpoint } = yield* Config
    const telemetry = yield* Telemetry
    return yield* telemetry.enable({
      level: asked.level ?? "basic",
      noticeShown: asked.noticeShown ?? false,
      ...(asked.remote ? { remote: true } : {}),
      ...(endpoint === null ? {} : { endpoint })
    })
  })

/**
 * Stores endpoint and key where they are given, then records the consent.
 *
 * @since 0.1.0
 * @category commands
 */
export const grant = (flags: Flags, asked: Consent, key: string | undefined) =>
  Effect.zipRight(store(asked, key).pipe(withTelemetry(flags)), consent(asked).pipe(withTelemetry(flags)))

/**
 * @since 0.1.0
 * @category commands
 */
export const run = (flags: Flags & Consent & { readonly apiKeyStdin: boolean }) =>
  Effect.gen(function*() {
    const shell = yield* Shell
    const bare = !flags.remote && flags.level === undefined && flags.endpoint === undefined && !flags.apiKeyStdin
    const asked: Consent = bare && shell.interactive && !flags.json
      ? yield* Effect.flatMap(Effect.promise(() => import("./enableWizard.js")), (wizard) => wizard.ask(flags))
      : flags
    const key = flags.apiKeyStdin ? yield* readKey : undefined
    const status = yield* grant(flags, asked, key)
    yield* printStatus(flags, status)
    if (status.reason === "unreadable") return yield* failed("The consent could not be recorded; telemetry stays off.")
    if (!status.enabled) {
      yield* note("Your consent is recorded, but telemetry stays off for the reason above.")
    } else if (status.level !== (asked.level ?? "basic")) {
      yield* note(
        `Your consent is recorded; the environment, a setting or the project lowers the level to ${status.level}.`
      )
    }
  })
