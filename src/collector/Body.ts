/**
 * Reads the body of a request: its size before and after decompression is limited while it is read, and what is over the
 * limit is thrown away, not kept.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { isUtf8 } from "node:buffer"
import type * as Http from "node:http"
import * as Zlib from "node:zlib"
import * as Limits from "./Limits.js"
import * as Problem from "./Problem.js"

/**
 * The media type in lower case, without parameters; empty when there is none.
 *
 * @since 0.1.0
 * @category getters
 */
export const mediaType = (source: Http.IncomingMessage): string =>
  (source.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase()

const charsetIsUtf8 = (source: Http.IncomingMessage): boolean => {
  const match = /;\s*charset\s*=\s*"?([^;"\s]+)/i.exec(source.headers["content-type"] ?? "")
  return match === null || /^utf-?8$/i.test(match[1]!)
}

const tooLarge = (limit: number) => Problem.tooLarge(`The body may be ${limit} bytes`)

const tooLargeInflated = (limit: number) => Problem.tooLarge(`The body may be ${limit} bytes once decompressed`)

const receive = (source: Http.IncomingMessage, limit: number): Effect.Effect<Buffer, Problem.Problem> =>
  Effect.async((resume) => {
    const announced = Number(source.headers["content-length"] ?? 0)
    if (announced > limit) {
      source.resume()
      return resume(Effect.fail(tooLarge(limit)))
    }
    const parts: Array<Buffer> = []
    let size = 0
    const stop = () => {
      source.off("data", onData)
      source.off("end", onEnd)
      source.off("error", onAbort)
      source.off("close", onAbort)
      // Without a listener for errors a client that hangs up would be an uncaught one.
      source.on("error", () => {})
      source.resume()
    }
    const onData = (part: Buffer) => {
      size += part.length
      if (size <= limit) {
        parts.push(part)
        return
      }
      stop()
      resume(Effect.fail(tooLarge(limit)))
    }
    const onEnd = () => {
      stop()
      resume(Effect.succeed(parts.length === 1 ? parts[0]! : Buffer.concat(parts, size)))
    }
    const onAbort = () => {
      stop()
      resume(Effect.fail(Problem.malformed("The request ended before its body did")))
    }
    source.on("data", onData)
    source.on("end", onEnd)
    source.on("error", onAbort)
    source.on("close", onAbort)
    return Effect.sync(stop)
  })

const inflateProblem = (cause: unknown, limit: number): Problem.Problem =>
  cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE"
    ? tooLargeInflated(limit)
    : Problem.malformed("The body is not a whole gzip stream")

const inflate = (body: Buffer, limit: number): Effect.Effect<Buffer, Problem.Problem> =>
  body.length <= Limits.inflateInPlaceBytes
    ? Effect.try({
      try: () => Zlib.gunzipSync(body, { maxOutputLength: limit }),
      catch: (cause) => inflateProblem(cause, limit)
    })
    : Effect.async((resume) => {
      Zlib.gunzip(
        body,
        { maxOutputLength: limit },
        (cause, inflated) =>
          resume(cause === null ? Effect.succeed(inflated) : Effect.fail(inflateProblem(cause, limit)))
      )
    })

/**
 * The body as it was before it was compressed. Problems: 413 for its size, 415 for its encoding.
 *
 * @since 0.1.0
 * @category combinators
 */
export const bytes = (
  source: Http.IncomingMessage,
  limits: Limits.Limits,
  onBytes: (bytes: number) => void
): Effect.Effect<Buffer, Problem.Problem> => {
  const encoding = (source.headers["content-encoding"] ?? "identity").trim().toLowerCase()
  if (encoding !== "gzip" && encoding !== "identity" && encoding !== "") {
    source.resume()
    return Effect.fail(Problem.unsupported("Content-Encoding may be gzip or absent"))
  }
  return Effect.flatMap(receive(source, limits.maxBodyBytes), (received) => {
    onBytes(received.length)
    return encoding === "gzip" ? inflate(received, limits.maxInflatedBytes) : Effect.succeed(received)
  })
}

/**
 * The body as text. Besides what {@link bytes} refuses: 415 for another charset, 400 for bytes that are no UTF-8.
 *
 * @since 0.1.0
 * @category combinators
 */
export const text = (
  source: Http.IncomingMessage,
  limits: Limits.Limits,
  onBytes: (bytes: number) => void
): Effect.Effect<string, Problem.Problem> => {
  if (!charsetIsUtf8(source)) {
    source.resume()
    return Effect.fail(Problem.unsupported("The charset may be utf-8 or absent"))
  }
  return Effect.flatMap(
    bytes(source, limits, onBytes),
    (body) =>
      isUtf8(body) ? Effect.succeed(body.toString("utf8")) : Effect.fail(Problem.malformed("The body is not UTF-8"))
  )
}

/**
 * A JSON object; anything else is 400.
 *
 * @since 0.1.0
 * @category combinators
 */
export const parseObject = (
  body: string
): Effect.Effect<{ readonly [key: string]: unknown }, Problem.Problem> =>
  Effect.suspend(() => {
    let value: unknown
    try {
      value = JSON.parse(body)
    } catch {
      return Effect.fail(Problem.malformed("The body is not JSON"))
    }
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Effect.succeed({ ...value })
      : Effect.fail(Problem.malformed("The body must be a JSON object"))
  })
