/**
 * Asks a collector to erase what it was sent: `POST ENDPOINT/erasure`.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Erasure } from "../domain/Erasure.js"
import { version } from "../internal/version.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import * as Contract from "./Contract.js"
import * as Endpoint from "./Endpoint.js"
import { Http, type HttpFailure, type HttpResponse } from "./Http.js"
import * as RetryAfter from "./RetryAfter.js"

/**
 * Confirmed means that the collector has taken the request for good. Everything else is asked again.
 *
 * @since 0.1.0
 * @category models
 */
export type Answer =
  | { readonly _tag: "Confirmed" }
  | { readonly _tag: "Unconfirmed"; readonly message: string; readonly retryAfterMillis: number }

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Interruption aborts the request. */
  readonly ask: (erasure: Erasure) => Effect.Effect<Answer>
}

const unconfirmed = (message: string, retryAfterMillis = 0): Answer => ({
  _tag: "Unconfirmed",
  message,
  retryAfterMillis
})

/**
 * Where nothing can be asked, requests wait.
 *
 * @since 0.1.0
 * @category references
 */
export class ErasureTransport extends Context.Reference<ErasureTransport>()(
  "effect-telemetry/submission/ErasureTransport",
  { defaultValue: (): Service => ({ ask: () => Effect.succeed(unconfirmed("there is no way to ask the collector")) }) }
) {}

const decode = Schema.decodeUnknownOption(Schema.parseJson(Contract.ErasureAnswer))

/** Only this answer confirms: a page of some proxy in between does not. */
const judge = (response: HttpResponse, erasure: Erasure, now: number): Answer => {
  const { status } = response
  if (status === 202 || status === 200) {
    const answer = decode(response.text)
    return answer._tag === "Some" && answer.value.requestId === erasure.requestId
      ? { _tag: "Confirmed" }
      : unconfirmed("the endpoint answered with something that does not confirm the erasure")
  }
  const wait = RetryAfter.parse(response.header("retry-after"), now)
  return unconfirmed(
    `the endpoint answered ${status} to the request for erasure`,
    wait === null ? 0 : Math.min(Duration.toMillis(wait), Policy.maxRetryAfterMillis)
  )
}

const body = ({ installationId, requestId, sessionIds }: Erasure): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({
    ...(installationId === null ? {} : { installationId }),
    ...(sessionIds.length === 0 ? {} : { sessionIds }),
    requestId
  }))

const describe = (failure: HttpFailure): Answer => unconfirmed(`the endpoint is away (${failure.reason})`)

/**
 * Over HTTP. The configured key is shown to the origin it is configured for, and to no other.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ErasureTransport, never, Config | Http> = Layer.effect(
  ErasureTransport,
  Effect.gen(function*() {
    const config = yield* Config
    const http = yield* Http
    const configured = config.endpoint === null ? null : Either.getOrNull(Endpoint.parse(config.endpoint))

    const keyFor = (endpoint: Endpoint.Endpoint): Readonly<Record<string, string>> =>
      config.apiKey !== null && configured?.origin === endpoint.origin
        ? { "x-api-key": Redacted.value(config.apiKey) }
        : {}

    const post = (endpoint: Endpoint.Endpoint, erasure: Erasure) =>
      http.request({
        method: "POST",
        url: Endpoint.route(endpoint, "erasure"),
        headers: {
          ...keyFor(endpoint),
          "user-agent": `effect-telemetry/${version}`,
          "content-type": "application/json"
        },
        body: body(erasure),
        maxBytes: Policy.maxAnswerBytes,
        timeoutMillis: Duration.toMillis(config.timeout),
        onSent: () => {}
      }).pipe(
        Effect.flatMap((response) => Effect.map(Clock.currentTimeMillis, (now) => judge(response, erasure, now))),
        Effect.catchAll((failure) => Effect.succeed(describe(failure)))
      )

    return {
      ask: (erasure) =>
        Either.match(Endpoint.parse(erasure.endpoint), {
          onLeft: ({ message }) => Effect.succeed(unconfirmed(message)),
          onRight: (endpoint) => post(endpoint, erasure)
        })
    }
  })
)
