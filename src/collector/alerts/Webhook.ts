/**
 * One call of a webhook. It follows no redirect, reads no answer beyond its status, and says nothing of the address.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import { version } from "../../internal/version.js"
import * as Limits from "../Limits.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Call {
  /** Of the notification: it stays the same when it is sent again. */
  readonly id: string
  readonly url: string
  /** Null: the body is not signed. */
  readonly secret: string | null
  readonly body: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Outcome {
  readonly delivered: boolean
  /** In a few words, for people. */
  readonly text: string
}

/**
 * The header `X-Signature`: `sha256=` and the HMAC-SHA-256 of the body, in hexadecimal.
 *
 * @since 0.1.0
 * @category conversions
 */
export const signature = (secret: string, body: string): string =>
  `sha256=${Crypto.createHmac("sha256", secret).update(body).digest("hex")}`

const codeOf = (error: unknown): string | null => {
  if (typeof error !== "object" || error === null) return null
  if ("code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(error.code)) return error.code
  return "cause" in error ? codeOf(error.cause) : null
}

const outcomeOf = (status: number): Outcome =>
  status >= 200 && status < 300
    ? { delivered: true, text: `delivered, answered ${status}` }
    : status >= 300 && status < 400
    ? { delivered: false, text: `answered ${status}: redirects are not followed` }
    : { delivered: false, text: `answered ${status}` }

const requestOf = ({ body, id, secret, url }: Call): HttpClientRequest.HttpClientRequest =>
  HttpClientRequest.post(url, {
    headers: {
      "idempotency-key": id,
      "user-agent": `effect-telemetry/${version}`,
      ...(secret === null ? {} : { "x-signature": signature(secret, body) })
    },
    body: HttpBody.text(body, "application/json")
  })

/**
 * Calls, and answers what became of it: it does not fail.
 *
 * @since 0.1.0
 * @category combinators
 */
export const send = (client: HttpClient.HttpClient, call: Call): Effect.Effect<Outcome> =>
  // Closing the scope ends the connection: what the answer holds is not waited for.
  Effect.scoped(HttpClient.withScope(HttpClient.withTracerPropagation(client, false)).execute(requestOf(call))).pipe(
    Effect.map(({ status }) => outcomeOf(status)),
    Effect.timeoutTo({
      duration: Duration.millis(Limits.webhookTimeoutMillis),
      onSuccess: (outcome) => outcome,
      onTimeout: (): Outcome => ({
        delivered: false,
        text: `did not answer in ${Limits.webhookTimeoutMillis / 1_000} s`
      })
    }),
    Effect.catchAll((error) => {
      const code = codeOf(error)
      return Effect.succeed({ delivered: false, text: `could not be reached${code === null ? "" : ` (${code})`}` })
    }),
    Effect.withTracerEnabled(false)
  )
