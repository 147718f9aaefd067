/**
 * The variables of the process, looked at directly.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Unprefixed } from "../Environment.js"

/**
 * Below every layer that reads the environment.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Unprefixed> = Layer.succeed(Unprefixed, (name) => Effect.sync(() => process.env[name]))
