/**
 * One body posted and one answer judged, within one time limit: what every transport over HTTP has in common.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Outcome from "../domain/Outcome.js"
import * as Policy from "../Policy.js"
import * as Answer from "./Answer.js"
import type * as Compression from "./Compression.js"
import type * as Http from "./Http.js"
import type { Submission } from "./Transport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** For connecting, sending and reading the answer. */
  readonly timeout: Duration.Duration
  readonly http: Http.Service
  readonly compression: Compression.Service
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Message {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON text. */
  readonly body: string
  /** `now` is in milliseconds since the epoch. */
  readonly classify: (response: Http.HttpResponse, now: number) => Outcome.Outcome
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Exchange {
  /**
   * Large bodies go out as gzip. An endpoint that refuses that with 415 gets the same body plain at once, and plain ones from
   * then on. Interruption aborts the request.
   */
  readonly post: (message: Message) => Effect.Effect<Submission>
  /** The endpoint takes no gzip. */
  readonly unsafePlain: () => void
}

/** What has gone out so far. */
interface Progress {
  bytes: number
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ compression, http, timeout }: Options): Exchange => {
  const encoder = new TextEncoder()
  const limit = Duration.toMillis(timeout)
  let takesGzip = true

  const request = (message: Message, bytes: Uint8Array, gzipped: boolean, progress: Progress, timeoutMillis: number) =>
    http.request({
      method: "POST",
      url: message.url,
      headers: {
        ...message.headers,
        "content-type": "application/json",
        ...(gzipped ? { "content-encoding": "gzip" } : {})
      },
      body: bytes,
      maxBytes: Policy.maxAnswerBytes,
      timeoutMillis,
      onSent: () => {
        progress.bytes += bytes.length
      }
    })

  const send = (
    message: Message,
    progress: Progress,
    started: bigint
  ): Effect.Effect<Http.HttpResponse, Http.HttpFailure> => {
    const plain = encoder.encode(message.body)
    const sendPlain = request(message, plain, false, progress, limit)
    if (!takesGzip || plain.length <= Policy.compressionThresholdBytes) return sendPlain
    return Effect.flatMap(compression.gzip(plain), (small) => {
      if (small === null) return sendPlain
      return Effect.flatMap(request(message, small, true, progress, limit), (response) => {
        if (response.status !== 415) return Effect.succeed(response)
        takesGzip = false
        return Effect.flatMap(
          Clock.currentTimeNanos,
          (now) => request(message, plain, false, progress, Math.max(limit - Number(now - started) / 1e6, 0))
        )
      })
    })
  }

  return {
    post: (message) =>
      Effect.flatMap(Clock.currentTimeNanos, (started) => {
        const progress: Progress = { bytes: 0 }
        return send(message, progress, started).pipe(
          Effect.flatMap((response) => Effect.map(Clock.currentTimeMillis, (now) => message.classify(response, now))),
          Effect.catchAll((failure) => Effect.succeed(Answer.classifyFailure(failure))),
          Effect.map((outcome): Submission => ({ outcome, bytes: progress.bytes }))
        )
      }),
    unsafePlain: () => {
      takesGzip = false
    }
  }
}
