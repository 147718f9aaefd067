/**
 * A process that runs one of telemetry's own commands: then the program's telemetry records nothing, as if nobody had been
 * asked. What it has begun by itself and not yet written goes as well. The command opens telemetry of its own.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { ConsentGate } from "../consent/ConsentGate.js"
import { ConsentStore } from "../consent/ConsentStore.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly unsafeBegin: () => void
}

/**
 * @since 0.1.0
 * @category tags
 */
export class OwnCommand extends Context.Tag("effect-telemetry/node/OwnCommand")<OwnCommand, Service>() {}

/**
 * Said by a command of telemetry before it does anything; in a program without telemetry it does nothing.
 *
 * @since 0.1.0
 * @category accessors
 */
export const begin: Effect.Effect<void> = Effect.gen(function*() {
  const own = yield* Effect.serviceOption(OwnCommand)
  const gate = yield* Effect.serviceOption(ConsentGate)
  if (Option.isNone(own) || Option.isNone(gate)) return
  own.value.unsafeBegin()
  yield* gate.value.refresh
})

/**
 * Around the consent record, which reads as absent once such a command has begun.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<OwnCommand | ConsentStore, never, ConsentStore> = Layer.effectContext(
  Effect.map(ConsentStore, (store) => {
    let begun = false
    const own: Service = {
      unsafeBegin: () => {
        begun = true
      }
    }
    return Context.make(OwnCommand, own).pipe(
      Context.add(ConsentStore, {
        ...store,
        read: Effect.suspend(() => begun ? Effect.succeed(null) : store.read)
      })
    )
  })
)
