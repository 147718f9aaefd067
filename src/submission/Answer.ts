/**
 * What an answer, or its absence, means for the batch: pure, and to the letter of the contract.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Outcome from "../domain/Outcome.js"
import * as Policy from "../Policy.js"
import * as Contract from "./Contract.js"
import type { HttpFailure, HttpResponse } from "./Http.js"
import * as RetryAfter from "./RetryAfter.js"

/**
 * What an answer is judged by.
 *
 * @since 0.1.0
 * @category models
 */
export interface Question {
  /** Ids of the events that were sent. */
  readonly ids: ReadonlyArray<string>
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Taken out of every text that the endpoint sends back; null when there is none. */
  readonly secret: string | null
}

const decodeAnswer = Schema.decodeUnknownEither(Schema.parseJson(Contract.SubmitAnswer))
const decodeError = Schema.decodeUnknownEither(Schema.parseJson(Contract.ErrorBody))

// Control characters, and the ones that turn the direction of writing: an endpoint must not draw on a person's terminal.
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/**
 * A text of the endpoint, fit to be stored and shown: on one line, cut to `Policy.maxMessageLength`, without the key.
 *
 * @since 0.1.0
 * @category text
 */
export const clean = (text: string, secret: string | null): string => {
  const safe = secret === null ? text : text.replaceAll(secret, "<redacted>")
  return safe.slice(0, 4 * Policy.maxMessageLength).replace(unprintable, " ").trim().slice(0, Policy.maxMessageLength)
}

const advice: Readonly<Record<number, string>> = {
  400: "it finds the request malformed",
  401: "it does not know the API key; set the key that belongs to this endpoint",
  403: "the API key has no right to submit; use a key with the role ingest",
  404: "nothing is there; check the path of the endpoint",
  405: "it takes no submissions; check the path of the endpoint",
  407: "a proxy on the way asks for credentials",
  408: "it waited too long for the request",
  410: "the endpoint is gone for good; set another",
  413: "the batch is too large for it",
  415: "it does not take JSON; check the endpoint",
  422: "it refuses what the batch holds",
  429: "it asks for fewer requests",
  500: "it failed on this batch",
  502: "what stands behind it does not answer",
  503: "it is overloaded or down for a while",
  504: "what stands behind it does not answer"
}

/** Only the code of an error body is quoted, and only if it is a plain word: its message might repeat what was sent. */
const code = (text: string): string => {
  const decoded = decodeError(text)
  return Either.isRight(decoded) && /^[A-Za-z0-9_.-]{1,64}$/.test(decoded.right.error.code)
    ? ` ${decoded.right.error.code}`
    : ""
}

const describe = (response: HttpResponse, secret: string | null): string => {
  const word = response.truncated ? "" : code(response.text)
  const known = secret !== null && word.includes(secret) ? "" : word
  const hint = advice[response.status]
  return `the endpoint answered ${response.status}${known}${hint === undefined ? "" : `: ${hint}`}`
}

const garbled = (message: string): Outcome.Outcome =>
  Outcome.Unreachable({ reason: "garbled", ambiguous: true, message })

const redirected = (response: HttpResponse): Outcome.Outcome => {
  const location = response.header("location")
  const target = location !== null && URL.canParse(location) ? ` to ${new URL(location).origin}` : ""
  return Outcome.Misconfigured({
    status: response.status,
    reason: "redirect",
    message: `the endpoint answered ${response.status}, a redirect${target}; redirects are not followed: ` +
      "set the endpoint to its final address"
  })
}

/** Names count only when they name every refused event of this batch, once. */
const names = (answer: Contract.SubmitAnswer, question: Question): ReadonlyArray<Outcome.Rejection> => {
  const given = answer.rejections ?? []
  const sent = new Set(question.ids)
  const named = new Set(given.map((rejection) => rejection.id))
  if (given.length !== answer.rejected || named.size !== given.length) return []
  if (given.some((rejection) => !sent.has(rejection.id))) return []
  return given.map(({ id, reason, retryable }) => ({ id, reason: clean(reason, question.secret), retryable }))
}

const accepted = (response: HttpResponse, question: Question): Outcome.Outcome => {
  if (response.truncated) return garbled(`the answer is longer than ${Policy.maxAnswerBytes} bytes`)
  if (response.text === "") return Outcome.Accepted({ duplicates: 0 })
  const decoded = decodeAnswer(response.text)
  if (Either.isLeft(decoded)) {
    return garbled(`the endpoint answered ${response.status} with something that is no answer of a collector`)
  }
  const answer = decoded.right
  const size = question.ids.length
  if (answer.accepted + answer.rejected !== size || (!answer.success && answer.rejected === 0)) {
    return garbled(
      `the endpoint answered for ${answer.accepted} accepted and ${answer.rejected} rejected events, ` +
        `but ${size} were sent`
    )
  }
  const duplicates = Math.min(answer.duplicates ?? 0, answer.accepted)
  if (answer.rejected === 0) return Outcome.Accepted({ duplicates })
  return Outcome.PartlyAccepted({
    accepted: answer.accepted,
    rejected: answer.rejected,
    rejections: names(answer, question),
    duplicates
  })
}

/**
 * The outcome of an answer. Total: every status and every body has one.
 *
 * @since 0.1.0
 * @category classification
 */
export const classify = (response: HttpResponse, question: Question): Outcome.Outcome => {
  const { status } = response
  if (status === 204) return Outcome.Accepted({ duplicates: 0 })
  if (status >= 200 && status < 300) return accepted(response, question)
  if (status >= 300 && status < 400) return redirected(response)
  if (status < 200 || status >= 600) return garbled(`the endpoint answered ${status}, which is no status of HTTP`)
  const message = describe(response, question.secret)
  if (status === 400 || status === 413 || status === 422) return Outcome.ContentRefused({ status, message })
  const retryAfter = RetryAfter.parse(response.header("retry-after"), question.now)
  if (status === 500) return Outcome.Faulted({ status, retryAfter, message })
  if (status === 408 || status === 429 || status > 500) return Outcome.Unavailable({ status, retryAfter, message })
  return Outcome.Misconfigured({ status, reason: "status", message })
}

/**
 * The outcome of a request that drew no answer.
 *
 * @since 0.1.0
 * @category classification
 */
export const classifyFailure = (failure: HttpFailure): Outcome.Outcome => {
  const { message, reason } = failure
  switch (reason) {
    case "certificate":
      return Outcome.Misconfigured({ status: null, reason: "certificate", message })
    case "invalid":
      return Outcome.Misconfigured({ status: null, reason: "endpoint", message })
    default:
      return Outcome.Unreachable({ reason, ambiguous: failure.sent, message })
  }
}
