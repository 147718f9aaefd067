/**
 * What the program did before an error: the last few steps, kept in memory only, and recorded with the error that follows.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import type * as Consent from "../domain/Consent.js"
import * as Level from "../domain/Level.js"
import * as Policy from "../Policy.js"
import * as Text from "./encoding/Text.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Breadcrumb {
  /** `navigation`, `http`, `click` … */
  readonly category: string
  readonly message?: string | undefined
  /** At most ten; nothing nested, so that no object of the program is held on to. */
  readonly data?: Readonly<Record<string, string | number | boolean | null>> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Recorded extends Breadcrumb {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly unsafeAdd: (breadcrumb: Breadcrumb) => void
  readonly add: (breadcrumb: Breadcrumb) => Effect.Effect<void>
  /** Oldest first: those of the consent that holds now. Not redacted yet. */
  readonly unsafeAll: () => ReadonlyArray<Recorded>
  readonly clear: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Breadcrumbs extends Context.Tag("effect-telemetry/collection/Breadcrumbs")<Breadcrumbs, Service>() {}

/**
 * How many are kept; 0 for none. Default 50.
 *
 * @since 0.1.0
 * @category references
 */
export class Capacity extends Context.Reference<Capacity>()("effect-telemetry/collection/Breadcrumbs/Capacity", {
  defaultValue: () => Policy.maxBreadcrumbs
}) {}

const short = (text: string): string => Text.ahead(text, Policy.maxMessageLength)

const bounded = (data: NonNullable<Breadcrumb["data"]>): Breadcrumb["data"] =>
  Object.fromEntries(
    Object.entries(data).slice(0, Policy.maxBreadcrumbFields)
      .filter(([, value]) => typeof value !== "object" || value === null)
      .map(([name, value]) => [short(name), typeof value === "string" ? short(value) : value])
  )

const recorded = ({ category, data, message }: Breadcrumb, timestamp: number): Recorded => ({
  timestamp,
  category: short(String(category)),
  ...(message === undefined ? {} : { message: short(String(message)) }),
  ...(data === undefined || data === null ? {} : { data: bounded(data) })
})

const make = Effect.gen(function*() {
  const gate = yield* ConsentGate
  const capacity = yield* Capacity
  const clock = yield* Clock.clockWith(Effect.succeed)
  let kept: Array<Recorded> = []
  let under: Consent.Epoch | null = null

  /** What was noted under another consent is forgotten. */
  const renew = ({ epoch }: Consent.Effective): void => {
    if (under?.id !== epoch?.id) kept = []
    under = epoch
  }

  const unsafeAdd: Service["unsafeAdd"] = (breadcrumb) => {
    const effective = gate.unsafeCurrent()
    if (!effective.enabled || capacity <= 0 || !Level.includes(effective.level, "full")) {
      kept = []
      return
    }
    renew(effective)
    try {
      kept.push(recorded(breadcrumb, clock.unsafeCurrentTimeMillis()))
      if (kept.length > capacity) kept.shift()
    } catch {
      // What cannot be read is no step that could be told of.
    }
  }

  return Breadcrumbs.of({
    unsafeAdd,
    add: (breadcrumb) => Effect.sync(() => unsafeAdd(breadcrumb)),
    unsafeAll: () => {
      renew(gate.unsafeCurrent())
      return [...kept]
    },
    clear: Effect.sync(() => {
      kept = []
    })
  })
})

/**
 * Nothing is kept unless telemetry is on and the level is full, the only one at which breadcrumbs are recorded.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Breadcrumbs, never, ConsentGate> = Layer.effect(Breadcrumbs, make)

/**
 * Provide it below the pipeline to keep more or fewer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerCapacity = (capacity: number): Layer.Layer<Capacity> => Layer.succeed(Capacity, capacity)

/**
 * Notes a step.
 *
 * @since 0.1.0
 * @category accessors
 */
export const add = (breadcrumb: Breadcrumb): Effect.Effect<void, never, Breadcrumbs> =>
  Effect.flatMap(Breadcrumbs, (breadcrumbs) => breadcrumbs.add(breadcrumb))
