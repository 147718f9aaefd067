/**
 * gzip by Node's zlib, on its thread pool: the host's thread goes on meanwhile.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Compression, type Service } from "../submission/Compression.js"

/**
 * For texts of the size of a batch, 50 KB: a window of 16 KB makes them as small as zlib's own of 32 KB does, for less time
 * than that takes to set up.
 */
const options = { level: 7, windowBits: 14, memLevel: 8 }

type Gzip = (bytes: Uint8Array) => Effect.Effect<Uint8Array | null>

const load = async (): Promise<Gzip> => {
  const { gzip } = await import("node:zlib")
  return (bytes) =>
    Effect.async((resume) => {
      gzip(bytes, options, (error, compressed) => resume(Effect.succeed(error === null ? compressed : null)))
    })
}

/**
 * zlib is loaded when there is something to compress.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service> = Effect.sync(() => {
  let loaded: Gzip | undefined
  return {
    gzip: (bytes) =>
      loaded === undefined
        ? Effect.flatMap(Effect.promise(load), (gzip) => (loaded = gzip)(bytes))
        : loaded(bytes)
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Compression> = Layer.effect(Compression, make)
