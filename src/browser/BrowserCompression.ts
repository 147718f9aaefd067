/**
 * gzip by the browser's `CompressionStream`, off the page's thread.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Compression } from "../submission/Compression.js"

const gzip = async (bytes: Uint8Array): Promise<Uint8Array | null> => {
  const body = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream("gzip"))
  return new Uint8Array(await new Response(body).arrayBuffer())
}

/**
 * Where there is none, bodies go out as they are.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Compression> = Layer.sync(Compression, () => ({
  gzip: (bytes) =>
    typeof CompressionStream === "undefined"
      ? Effect.succeed(null)
      : Effect.orElseSucceed(Effect.tryPromise(() => gzip(bytes)), () => null)
}))
