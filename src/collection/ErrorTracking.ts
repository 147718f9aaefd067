/**
 * What happens to an error on its way to `error_occurred`: it is left out if the application ignores it, described, joined by
 * breadcrumbs and state at level full, and counted if it repeats an earlier one.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { ConsentGate } from "../consent/ConsentGate.js"
import type * as Consent from "../domain/Consent.js"
import { ErrorOccurred } from "../domain/EventCatalog.js"
import * as Level from "../domain/Level.js"
import * as Policy from "../Policy.js"
import { Breadcrumbs } from "./Breadcrumbs.js"
import { Collector } from "./Collector.js"
import { RedactionOptions } from "./Encoders.js"
import * as CauseErrors from "./errors/CauseErrors.js"
import * as Deduplication from "./errors/Deduplication.js"
import * as Description from "./errors/Description.js"
import * as Details from "./errors/Details.js"
import * as Ignore from "./errors/Ignore.js"
import * as Thrown from "./errors/Thrown.js"
import { Intake } from "./Intake.js"
import * as Redaction from "./Redaction.js"

export type { Category, Input, Severity } from "./errors/Description.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What the application does not want to hear of. What is ignored was never offered: the ledger does not know it. */
  readonly ignore?: ReadonlyArray<Ignore.Pattern> | undefined
  /** Errors of one fingerprint within this time are counted into one. Default: none, each is recorded. */
  readonly window?: Duration.DurationInput | undefined
  /** Knows better than the rules; what a call says by itself goes before it. */
  readonly classify?:
    | ((input: Description.Input) => Pick<Description.Input, "severity" | "category"> | undefined)
    | undefined
}

/**
 * Said over an error that was caught.
 *
 * @since 0.1.0
 * @category models
 */
export type CaptureOptions = Pick<Description.Input, "context" | "fatal" | "severity" | "category">

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Synchronous; never throws. With the thrown values that the input tells of, it is recorded only if one of them was met for
   * the first time, or if it is fatal.
   */
  readonly unsafeTrack: (input: Description.Input, thrown?: ReadonlyArray<unknown>) => void
  readonly track: (input: Description.Input) => Effect.Effect<void>
  /** Commits on this stack what was tracked, this error and all repeats among it: for the last moment of a process. */
  readonly trackNow: (input: Description.Input) => Effect.Effect<void>
  /**
   * Records every error of a cause by its tag. Interruption is no error, a defect is one at least, and an error that was
   * captured before is not captured again on its way up.
   */
  readonly captureCause: (cause: Cause.Cause<unknown>, options?: CaptureOptions) => Effect.Effect<void>
  /** Asks `read` at every error, for as long as the scope is open; synchronous, and small if it is to be kept. */
  readonly withState: (name: string, read: Details.ReadState) => Effect.Effect<void, never, Scope.Scope>
  /** Records the repeats that were counted until now. Synchronous. */
  readonly settle: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ErrorTracking extends Context.Tag("effect-telemetry/collection/ErrorTracking")<ErrorTracking, Service>() {}

/**
 * @since 0.1.0
 * @category references
 */
export class ErrorOptions extends Context.Reference<ErrorOptions>()(
  "effect-telemetry/collection/ErrorTracking/Options",
  { defaultValue: (): Options => ({}) }
) {}

const classified = (options: Options, input: Description.Input): Description.Input => {
  if (options.classify === undefined) return input
  try {
    const found = options.classify(input)
    return { ...input, severity: input.severity ?? found?.severity, category: input.category ?? found?.category }
  } catch {
    return input
  }
}

const mild: ReadonlySet<Description.Severity> = new Set(["DEBUG", "INFO", "WARNING"])

const ofCause = ({ error, kind }: CauseErrors.CauseError, options: CaptureOptions): Description.Input => {
  const input = { ...Thrown.describe(error), ...options, context: { ...options.context, cause: kind } }
  if (kind === "failure" || options.severity !== undefined) return input
  return { ...input, severity: mild.has(Description.describe(input).severity) ? "ERROR" : undefined }
}

const epochOf = (effective: Consent.Effective): string => effective.epoch?.id ?? ""

const make = Effect.gen(function*() {
  const collector = yield* Collector
  const gate = yield* ConsentGate
  const intake = yield* Intake
  const breadcrumbs = yield* Breadcrumbs
  const options = yield* ErrorOptions
  const redaction = yield* RedactionOptions
  const clock = yield* Effect.clock
  const window = Duration.toMillis(options.window ?? Duration.zero)
  const repeats = window > 0 ? Deduplication.make({ window, maxGroups: Policy.maxErrorGroups }) : null
  const waiting = yield* Effect.makeLatch(false)
  const states = new Map<string, Details.ReadState>()
  const captured = new WeakMap<object, number>()
  let details: Details.Details | undefined

  const now = (): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6

  /** What was met under a consent that has gone since is not recorded under the next one. */
  const record = ({ data, epoch }: Deduplication.Entry): void => {
    const effective = gate.unsafeCurrent()
    if (effective.enabled && epochOf(effective) !== epoch) return intake.unsafeCount("dropped:consent")
    collector.unsafeTrack(ErrorOccurred, data)
  }

  const take = (entry: Deduplication.Entry): void => {
    if (repeats === null || entry.data.fatal) return record(entry)
    for (const one of repeats.take(entry, now())) record(one)
    waiting.unsafeOpen()
  }

  const detailed = (data: Description.ErrorData): Description.ErrorData => {
    details ??= Details.make(Redaction.make(redaction))
    const context = details.context(data.context, states)
    const steps = details.breadcrumbs(breadcrumbs.unsafeAll())
    return {
      ...data,
      ...(context === undefined ? {} : { context }),
      ...(steps.length === 0 ? {} : { breadcrumbs: steps })
    }
  }

  const attempt = (read: () => Description.Input): void => {
    const effective = gate.unsafeCurrent()
    if (!effective.enabled) return
    try {
      const data = Description.describe(classified(options, read()))
      if (Ignore.isIgnored(options.ignore ?? [], data.errorType, data.message)) return
      take({ data: Level.includes(effective.level, "full") ? detailed(data) : data, epoch: epochOf(effective) })
    } catch {
      intake.unsafeCount("dropped:invalid")
    }
  }

  const unsafeSettle = (): void => repeats?.drain().forEach(record)

  /** One that is made once and failed with often, as effects are, is another occurrence after a while. */
  const isNew = (error: unknown): boolean => {
    if (typeof error !== "object" || error === null) return true
    const at = now()
    if (Number(captured.get(error)) + Policy.sameErrorMillis > at) return false
    captured.set(error, at)
    return true
  }

  const unsafeTrack: Service["unsafeTrack"] = (input, thrown = []) => {
    if (!gate.unsafeCurrent().enabled) return
    const isKnown = thrown.length > 0 && thrown.filter(isNew).length === 0
    if (!isKnown || input.fatal === true) attempt(() => input)
  }

  const track: Service["track"] = (input) => Effect.sync(() => unsafeTrack(input))

  if (repeats !== null) {
    const untilNext = Effect.suspend(() => Effect.sleep(Math.max(0, Math.ceil((repeats.next() ?? 0) - now()))))
    yield* waiting.await.pipe(
      Effect.zipRight(untilNext),
      Effect.zipRight(Effect.sync(() => {
        repeats.due(now()).forEach(record)
        if (repeats.next() === null) waiting.unsafeClose()
      })),
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped
    )
    yield* Effect.addFinalizer(() => Effect.sync(unsafeSettle))
  }

  return ErrorTracking.of({
    unsafeTrack,
    track,
    trackNow: (input) =>
      Effect.sync(() => {
        unsafeTrack(input)
        unsafeSettle()
      }).pipe(Effect.zipRight(intake.commitNow)),
    captureCause: (cause, given = {}) =>
      Effect.sync(() => {
        if (!gate.unsafeCurrent().enabled) return
        for (const found of CauseErrors.all(cause)) if (isNew(found.error)) attempt(() => ofCause(found, given))
      }),
    withState: (name, read) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          states.set(name, read)
        }),
        () =>
          Effect.sync(() => {
            if (states.get(name) === read) states.delete(name)
          })
      ),
    settle: Effect.sync(unsafeSettle)
  })
})

/**
 * Without {@link ErrorOptions} every error is recorded as it comes. There is a timer only while repeats are counted; closing
 * the scope records them.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ErrorTracking, never, Collector | ConsentGate | Intake | Breadcrumbs> = Layer.scoped(
  ErrorTracking,
  make
)

/**
 * Provide it below the pipeline.
 *
 * @example
 * import * as Layer from "effect/Layer"
 * import * as ErrorTracking from "effect-telemetry/collection/ErrorTracking"
 * import { TelemetryLive } from "effect-telemetry/node"
 *
 * export const Live = TelemetryLive.pipe(
 *   Layer.provide(ErrorTracking.layerOptions({ ignore: ["AbortError", /ResizeObserver/], window: "1 minute" }))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerOptions = (options: Options): Layer.Layer<ErrorOptions> => Layer.succeed(ErrorOptions, options)
