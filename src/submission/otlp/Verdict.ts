/**
 * What an answer of an OTLP endpoint means for the events of its request: pure, and by the rules of the specification.
 *
 * - 200 settles every event for good. Those that `partialSuccess` counts as rejected are lost, and never sent again.
 * - 429, 502, 503 and 504, and no answer at all: all of them again later, not before `Retry-After`.
 * - 401, 403, 404 and their like, a redirect: wrongly set up. The events wait; the endpoint is tried again after the longest
 *   delay, or as soon as address or headers change.
 * - 413: smaller requests.
 * - Everything else: refused for good. The events become dead letters.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Outcome from "../../domain/Outcome.js"
import * as Policy from "../../Policy.js"
import * as Answer from "../Answer.js"
import type { HttpResponse } from "../Http.js"
import * as Protocol from "./Protocol.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Question {
  readonly signal: Protocol.Signal
  /** Ids of the events that were sent. */
  readonly ids: ReadonlyArray<string>
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Taken out of every text that the endpoint sends back. */
  readonly secrets: ReadonlyArray<string>
}

const decode = {
  logs: Schema.decodeUnknownEither(Schema.parseJson(Protocol.Answer.logs)),
  traces: Schema.decodeUnknownEither(Schema.parseJson(Protocol.Answer.traces)),
  metrics: Schema.decodeUnknownEither(Schema.parseJson(Protocol.Answer.metrics))
}

const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504])

const garbled = (message: string): Outcome.Outcome =>
  Outcome.Unreachable({ reason: "garbled", ambiguous: true, message })

/** All of them, by name: then it is known what becomes of each. */
const refuseAll = (ids: ReadonlyArray<string>, reason: string): Outcome.Outcome =>
  Outcome.PartlyAccepted({
    accepted: 0,
    rejected: ids.length,
    rejections: ids.map((id) => ({ id, reason, retryable: false })),
    duplicates: 0
  })

const clean = (text: string, secrets: ReadonlyArray<string>): string =>
  Answer.clean(secrets.reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text), null)

/** A code of the endpoint's own is quoted in the message, and might be anything. */
const withoutSecrets = <A extends { readonly message: string }>(outcome: A, secrets: ReadonlyArray<string>): A => ({
  ...outcome,
  message: clean(outcome.message, secrets)
})

const partial = (rejected: number, message: string | undefined, { ids, secrets }: Question): Outcome.Outcome => {
  const said = message === undefined || message === "" ? Outcome.refused : clean(message, secrets)
  if (rejected >= ids.length) return refuseAll(ids, said)
  return Outcome.Settled({
    accepted: ids.length - rejected,
    rejected,
    message: `the endpoint refused ${rejected} of ${ids.length}: ${said}`
  })
}

const accepted = (response: HttpResponse, question: Question): Outcome.Outcome => {
  if (response.truncated) return garbled(`the answer is longer than ${Policy.maxAnswerBytes} bytes`)
  if (response.text.trim() === "") return Outcome.Accepted({ duplicates: 0 })
  const decoded = decode[question.signal](response.text)
  if (Either.isLeft(decoded)) {
    return garbled(`the endpoint answered ${response.status} with something that is no answer of OTLP`)
  }
  const { errorMessage, rejected = 0 } = decoded.right.partialSuccess ?? {}
  return rejected > 0 ? partial(rejected, errorMessage, question) : Outcome.Accepted({ duplicates: 0 })
}

/**
 * Total: every status and every body has an outcome.
 *
 * @since 0.1.0
 * @category classification
 */
export const classify = (response: HttpResponse, question: Question): Outcome.Outcome => {
  if (response.status >= 200 && response.status < 300) return accepted(response, question)
  const given = Answer.classify(response, { ids: question.ids, now: question.now, secret: null })
  if (!("message" in given)) return given
  const outcome = withoutSecrets(given, question.secrets)
  switch (outcome._tag) {
    case "Unavailable":
      return retryable.has(outcome.status) ? outcome : refuseAll(question.ids, outcome.message)
    case "Faulted":
      return refuseAll(question.ids, outcome.message)
    case "ContentRefused":
      return outcome.status === 413 ? outcome : refuseAll(question.ids, outcome.message)
    case "Misconfigured":
      return Outcome.Misconfigured({ ...outcome, seldom: true })
    default:
      return outcome
  }
}
