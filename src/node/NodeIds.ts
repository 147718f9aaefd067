/**
 * Identifiers from Node's cryptographic source.
 *
 * @since 0.1.0
 */
import type * as Layer from "effect/Layer"
import { randomFillSync } from "node:crypto"
import * as Ids from "../domain/Ids.js"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Ids.Ids> = Ids.layer((bytes) => {
  randomFillSync(bytes)
})
