/**
 * Which addresses events may be sent to. HTTPS anywhere; plain HTTP only to this machine, decided on the host as the URL
 * parser understands it, never on how the text begins.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

/**
 * The address is refused. The message says what to change and never repeats the address, which may hold a secret.
 *
 * @since 0.1.0
 * @category errors
 */
export class EndpointError extends Schema.TaggedError<EndpointError>("effect-telemetry/submission/EndpointError")(
  "EndpointError",
  { message: Schema.String }
) {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Endpoint {
  /** Where batches are posted: the address as the URL parser writes it. */
  readonly url: string
  /** Scheme, host and port: what a person consents to. */
  readonly origin: string
  /** The host is this machine. */
  readonly loopback: boolean
}

/** Longer addresses are refused unread. */
const maxLength = 2048

const refuse = (message: string): Either.Either<never, EndpointError> => Either.left(new EndpointError({ message }))

// Spaces, controls and the invisible: the URL parser drops or rewrites some of them, so that what a person reads in a file
// and where the request goes could differ.
const strange = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u

/** `hostname` as `URL` gives it: lower case, IPv4 in four decimals, IPv6 shortened in brackets. */
const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)

/**
 * Checks an address.
 *
 * @example
 * import * as Either from "effect/Either"
 * import * as Endpoint from "effect-telemetry/submission/Endpoint"
 *
 * Either.isRight(Endpoint.parse("https://telemetry.example.com/v1/events")) // true
 * Either.isRight(Endpoint.parse("http://telemetry.example.com/v1/events")) // false
 * Either.isRight(Endpoint.parse("http://127.0.0.1:4318/v1/events")) // true
 *
 * @since 0.1.0
 * @category constructors
 */
export const parse = (text: string): Either.Either<Endpoint, EndpointError> => {
  if (text.length === 0) return refuse("the endpoint is empty: give an https:// address")
  if (text.length > maxLength) {
    return refuse(`the endpoint is longer than ${maxLength} characters: give a shorter address`)
  }
  if (strange.test(text)) {
    return refuse("the endpoint has a space, a control character or a backslash in it: remove it")
  }
  const scheme = /^(https?):\/\/(?!\/)/i.exec(text)
  if (scheme === null || !URL.canParse(text)) {
    return refuse("the endpoint is not a full address: write it as https://host/path")
  }
  if (/^[^/?#]*@/.test(text.slice(scheme[0].length))) {
    return refuse("the endpoint has a user name or password in it: remove them, and give the key as the API key")
  }
  if (text.includes("#")) return refuse("the endpoint has a fragment (#…): remove it")
  const url = new URL(text)
  const loopback = isLoopback(url.hostname)
  if (url.port === "0") return refuse("the endpoint has port 0: give the port the collector listens on")
  if (url.protocol !== "https:" && !loopback) {
    return refuse("the endpoint is plain http: use https (http is for localhost, 127.0.0.0/8 and [::1] only)")
  }
  return Either.right({ url: url.href, origin: url.origin, loopback })
}

/**
 * The address of a call beside the posting of batches: `ping` → `ENDPOINT/ping`. A query stays.
 *
 * @since 0.1.0
 * @category combinators
 */
export const route = (
  endpoint: Endpoint,
  call: "ping" | "info" | "erasure" | "v1/logs" | "v1/traces" | "v1/metrics"
): string => {
  const url = new URL(endpoint.url)
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${call}`
  return url.href
}

/**
 * Tells one pair of address and key from another without keeping the key: `hash` must be one-way.
 *
 * @since 0.1.0
 * @category combinators
 */
export const fingerprint = (endpoint: Endpoint, apiKey: string | null, hash: (text: string) => string): string =>
  hash(JSON.stringify([endpoint.url, apiKey]))
