/**
 * Reads the body of a request: its size before and after decompression is limited while it is read, and what is over the
 * limit is thrown away, not kept.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { isAscii, isUtf8 } from "node:buffer"
import type * as Http from "node:http"
import * as Zlib from "node:zlib"
import type * as Counters from "./Counters.js"
import * as Json from "./Json.js"
import * as Limits from "./Limits.js"
import * as Problem from "./Problem.js"

/**
 * The bytes of whole bodies that one request holds in memory, out of those that all requests may hold together.
 *
 * @since 0.1.0
 * @category models
 */
export interface Hold {
  /** False, and nothing is held, when all requests would hold more than `limit` with these. */
  readonly take: (bytes: number, limit: number) => boolean
}

/**
 * What `use` reads is held until it is done.
 *
 * @since 0.1.0
 * @category combinators
 */
export const holding = <A, E, R>(
  counters: Counters.Service,
  use: (hold: Hold) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let held = 0
    const take: Hold["take"] = (bytes, limit) => {
      if (bytes > 0 && counters.heldBytes + bytes > limit) return false
      held += bytes
      counters.heldBytes += bytes
      return true
    }
    return Effect.ensuring(
      use({ take }),
      Effect.sync(() => {
        counters.heldBytes -= held
      })
    )
  })

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

/**
 * What is needed to read a body.
 *
 * @since 0.1.0
 * @category models
 */
export interface Means {
  readonly limits: Limits.Limits
  readonly counters: Counters.Service
  readonly hold: Hold
  /** Was the key looked at before? */
  readonly isKnown: boolean
}

/** Room for a few bodies of the largest size, wherever an operator sets that. Strangers leave half of it to others. */
const receivingLimit = ({ isKnown, limits: { maxBodyBytes } }: Means): number =>
  Math.max(Limits.maxReceivingBytes, 8 * maxBodyBytes) / (isKnown ? 1 : 2)

const heldLimit = ({ maxInflatedBytes }: Limits.Limits): number => Math.max(Limits.maxHeldBytes, 4 * maxInflatedBytes)

/** Of a body of so many bytes, those that count: small ones come through whatever others hold. */
const countedOf = (size: number): number => Math.max(0, size - Limits.uncountedBytes)

/** Parts of a body that are kept apart. */
const mostParts = 1_024

const receive = (source: Http.IncomingMessage, means: Means): Effect.Effect<Buffer, Problem.Problem> =>
  Effect.async((resume) => {
    const { counters, limits: { maxBodyBytes: limit } } = means
    const most = receivingLimit(means)
    const announced = Number(source.headers["content-length"] ?? 0)
    if (announced > limit) {
      source.resume()
      return resume(Effect.fail(tooLarge(limit)))
    }
    const wholes: Array<Buffer> = []
    const parts: Array<Buffer> = []
    let size = 0
    let counted = 0
    const hasRoom = () => {
      const more = countedOf(size) - counted
      if (more > 0 && counters.receivingBytes + more > most) return false
      counted += more
      counters.receivingBytes += more
      return true
    }
    const stop = () => {
      counters.receivingBytes -= counted
      counted = 0
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
      const problem = size > limit ? tooLarge(limit) : hasRoom() ? null : Problem.busy
      if (problem === null) {
        parts.push(part)
        // A chunk of one byte takes a hundred in memory.
        if (parts.length === mostParts) wholes.push(Buffer.concat(parts.splice(0)))
        return
      }
      stop()
      wholes.length = parts.length = 0
      resume(Effect.fail(problem))
    }
    const onEnd = () => {
      stop()
      wholes.push(...parts)
      resume(Effect.succeed(wholes.length === 1 ? wholes[0]! : Buffer.concat(wholes, size)))
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

/** Bytes that are decompressed at a time: with the usual 16 KiB a batch of a hundred events takes twice as long. */
const chunkSize = 64 * 1024

/** The most that a sender's word is taken for. */
const maxChunkSize = 1024 * 1024

/** A gzip stream ends with the size of what it holds: in one piece, that need not be put together again. */
const chunkSizeFor = (body: Buffer): number =>
  body.length < 4 ? chunkSize : Math.min(Math.max(chunkSize, body.readUInt32LE(body.length - 4) + 1), maxChunkSize)

const inflate = (body: Buffer, limit: number): Effect.Effect<Buffer, Problem.Problem> =>
  body.length <= Limits.inflateInPlaceBytes
    ? Effect.try({
      try: () => Zlib.gunzipSync(body, { maxOutputLength: limit, chunkSize: chunkSizeFor(body) }),
      catch: (cause) => inflateProblem(cause, limit)
    })
    : Effect.async((resume) => {
      Zlib.gunzip(
        body,
        { maxOutputLength: limit, chunkSize },
        (cause, inflated) =>
          resume(cause === null ? Effect.succeed(inflated) : Effect.fail(inflateProblem(cause, limit)))
      )
    })

/** A proxy in front of us may have understood the others, and seen another body than we would. */
const isPlainTransfer = (source: Http.IncomingMessage): boolean =>
  /^(chunked)?$/i.test((source.headers["transfer-encoding"] ?? "").trim())

/**
 * The body as it was before it was compressed. Problems: 413 for its size, 415 for its encoding, 503 when all requests
 * together hold too much.
 *
 * @since 0.1.0
 * @category combinators
 */
export const bytes = (
  source: Http.IncomingMessage,
  means: Means
): Effect.Effect<Buffer, Problem.Problem> => {
  const { counters, hold, limits } = means
  if (!isPlainTransfer(source)) {
    source.resume()
    return Effect.fail(Problem.malformed("Transfer-Encoding may be chunked or absent"))
  }
  const encoding = (source.headers["content-encoding"] ?? "identity").trim().toLowerCase()
  if (encoding !== "gzip" && encoding !== "identity" && encoding !== "") {
    source.resume()
    return Effect.fail(Problem.unsupported("Content-Encoding may be gzip or absent"))
  }
  return Effect.filterOrFail(
    Effect.flatMap(receive(source, means), (received) => {
      counters.bodyBytes += received.length
      return encoding === "gzip" ? inflate(received, limits.maxInflatedBytes) : Effect.succeed(received)
    }),
    (body) => hold.take(countedOf(body.length), heldLimit(limits)),
    () => Problem.busy
  )
}

/**
 * The bytes of a body that is text. Besides what {@link bytes} refuses: 415 for another charset.
 *
 * @since 0.1.0
 * @category combinators
 */
export const bytesOfText = (source: Http.IncomingMessage, means: Means): Effect.Effect<Buffer, Problem.Problem> => {
  if (!charsetIsUtf8(source)) {
    source.resume()
    return Effect.fail(Problem.unsupported("The charset may be utf-8 or absent"))
  }
  return bytes(source, means)
}

/** Most are ASCII, which is many times as fast to copy as to decode. */
const encodingOf = (body: Buffer): Json.Pieces["encoding"] | null =>
  isAscii(body) ? "latin1" : isUtf8(body) ? "utf8" : null

const notUtf8 = Problem.malformed("The body is not UTF-8")

/**
 * The body as text. Besides what {@link bytesOfText} refuses: 400 for bytes that are no UTF-8.
 *
 * @since 0.1.0
 * @category combinators
 */
export const text = (source: Http.IncomingMessage, means: Means): Effect.Effect<string, Problem.Problem> =>
  Effect.flatMap(bytesOfText(source, means), (body) => {
    const encoding = encodingOf(body)
    return encoding === null ? Effect.fail(notUtf8) : Effect.succeed(body.toString(encoding))
  })

/** Small enough for a text among the others, and large enough that there are few. */
const pieceSize = 64 * 1024

const parse = (body: Buffer, encoding: Json.Pieces["encoding"], list: string | undefined): unknown =>
  (list === undefined || body.length < 2 * pieceSize
    ? null
    : Json.parseInPieces(body, { encoding, list, size: pieceSize })) ?? JSON.parse(body.toString(encoding))

/**
 * A JSON object; anything else is 400, and one that holds more values than we want to make is 413. Of a long one, `list` may name
 * the property that is nearly all of it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const parseObject = (
  body: Buffer,
  list?: string
): Effect.Effect<{ readonly [key: string]: unknown }, Problem.Problem> =>
  Effect.suspend(() => {
    const encoding = encodingOf(body)
    if (encoding === null) return Effect.fail(notUtf8)
    if (Json.holdsMoreValues(body, Limits.maxValues)) {
      return Effect.fail(Problem.tooLarge(`The body may hold ${Limits.maxValues} values`))
    }
    let value: unknown
    try {
      value = parse(body, encoding, list)
    } catch {
      return Effect.fail(Problem.malformed("The body is not JSON"))
    }
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Effect.succeed({ ...value })
      : Effect.fail(Problem.malformed("The body must be a JSON object"))
  })
