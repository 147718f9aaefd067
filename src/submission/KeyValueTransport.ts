/**
 * Keeps what would be sent in a `KeyValueStore`: a value a batch, NDJSON, under the key of the batch, and a list of the keys
 * beside them. Nothing leaves the machine, unless the store does.
 *
 * A batch that is submitted again under its key takes its own place, so that nothing is kept twice.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Outcome from "../domain/Outcome.js"
import * as TelemetryEvent from "../domain/TelemetryEvent.js"
import { type Batch, type Service, type Submission, Transport } from "./Transport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly store: KeyValueStore.KeyValueStore
  /** Before every key. Default: `telemetry`. */
  readonly prefix?: string | undefined
}

const Keys = Schema.parseJson(Schema.Array(Schema.String))
const decodeKeys = Schema.decodeUnknownOption(Keys)

const names = ({ prefix = "telemetry" }: Pick<Options, "prefix">) => ({
  index: `${prefix}/batches`,
  batch: (key: string) => `${prefix}/batch/${key}`
})

/** A list that cannot be read is begun anew: the batches it named stay where they are. */
const keysOf = (text: Option.Option<string>): ReadonlyArray<string> =>
  Option.getOrElse(Option.flatMap(text, decodeKeys), () => [])

const failed = (error: PlatformError): Submission => ({
  outcome: Outcome.Unreachable({
    reason: "offline",
    // The value may be there and only the list without it: the same batch must come again.
    ambiguous: true,
    message: `the key-value store failed: ${error._tag === "SystemError" ? error.reason : error._tag}`
  }),
  bytes: 0
})

/**
 * One process at a time has the right to submit to a destination, so that the list has one writer.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Service => {
  const { store } = options
  const { batch, index } = names(options)

  const keep = ({ events, key }: Batch): Effect.Effect<Submission, PlatformError> =>
    Effect.gen(function*() {
      let lines = ""
      for (const event of events) lines += TelemetryEvent.toJson(event) + "\n"
      yield* store.set(batch(key), lines)
      const keys = keysOf(yield* store.get(index))
      if (!keys.includes(key)) yield* store.set(index, JSON.stringify([...keys, key]))
      return { outcome: Outcome.Accepted({ duplicates: 0 }), bytes: new TextEncoder().encode(lines).length }
    })

  return {
    submit: (batch) => Effect.catchAll(keep(batch), (error) => Effect.succeed(failed(error))),
    ping: Effect.isSuccess(store.has(index)),
    serverInfo: Effect.succeed(null),
    fingerprint: `key-value:${index}`,
    origin: null
  }
}

/**
 * Every event that is kept, oldest batch first, as JSON text.
 *
 * @since 0.1.0
 * @category accessors
 */
export const read = (options: Options): Effect.Effect<ReadonlyArray<string>, PlatformError> =>
  Effect.gen(function*() {
    const { batch, index } = names(options)
    const keys = keysOf(yield* options.store.get(index))
    const texts = yield* Effect.forEach(keys, (key) => options.store.get(batch(key)))
    return texts.flatMap((text) => Option.getOrElse(text, () => "").split("\n").filter((line) => line !== ""))
  })

/**
 * Forgets all that is kept, and gives the number of batches.
 *
 * @since 0.1.0
 * @category accessors
 */
export const clear = (options: Options): Effect.Effect<number, PlatformError> =>
  Effect.gen(function*() {
    const { batch, index } = names(options)
    const keys = keysOf(yield* options.store.get(index))
    yield* Effect.forEach(keys, (key) => options.store.remove(batch(key)), { discard: true })
    yield* options.store.remove(index)
    return keys.length
  })

/**
 * Over the platform's store: a directory, the browser's storage, memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Pick<Options, "prefix"> = {}
): Layer.Layer<Transport, never, KeyValueStore.KeyValueStore> =>
  Layer.effect(Transport, Effect.map(KeyValueStore.KeyValueStore, (store) => make({ ...options, store })))
