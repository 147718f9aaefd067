/**
 * Where the consent record lives: apart from the database, so that it can be read before anything else is opened.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { ConsentRecord } from "../domain/Consent.js"

/**
 * The record is there and cannot be understood, or cannot be read or written. Telemetry is off while that is so.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConsentUnreadable extends Schema.TaggedError<ConsentUnreadable>(
  "effect-telemetry/consent/ConsentUnreadable"
)("ConsentUnreadable", {
  message: Schema.String,
  cause: Schema.optional(Schema.Defect)
}) {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * The record as it is now, or null when nobody was asked. Runs synchronously, and costs one look at the file's
   * attributes while it has not changed: it is asked before every commit and every claim.
   */
  readonly read: Effect.Effect<ConsentRecord | null, ConsentUnreadable>
  /**
   * Reads, changes and writes the record under a lock that other processes respect; durable and whole when it returns.
   * A record that cannot be understood is set aside and replaced, which is what `enable` is for.
   */
  readonly modify: (
    f: (current: ConsentRecord | null) => ConsentRecord
  ) => Effect.Effect<ConsentRecord, ConsentUnreadable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ConsentStore extends Context.Tag("effect-telemetry/consent/ConsentStore")<ConsentStore, Service>() {}

/**
 * A record in memory, and a hand on its faults.
 *
 * @since 0.1.0
 * @category models
 */
export interface Memory extends Service {
  /** Puts a record in place from outside, as another process would. */
  readonly unsafeSet: (record: ConsentRecord | null) => void
  /** From now on reading or writing fails; null heals both. */
  readonly unsafeFail: (what: "read" | "write" | "both" | null) => void
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const makeMemory = (initial: ConsentRecord | null = null): Memory => {
  let record = initial
  let failing: "read" | "write" | "both" | null = null
  const guard = (verb: "read" | "write") =>
    failing === verb || failing === "both"
      ? Effect.fail(
        new ConsentUnreadable({ message: `The consent record cannot be ${verb === "read" ? "read" : "written"}.` })
      )
      : Effect.void
  return {
    read: Effect.suspend(() => Effect.map(guard("read"), () => record)),
    modify: (f) => Effect.suspend(() => Effect.map(guard("write"), () => record = f(record))),
    unsafeSet: (next) => {
      record = next
    },
    unsafeFail: (what) => {
      failing = what
    }
  }
}

/**
 * Consent that lasts as long as the layer. It begins with nobody asked.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<ConsentStore> = Layer.sync(ConsentStore, () => makeMemory())
