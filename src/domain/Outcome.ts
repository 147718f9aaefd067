/**
 * What came of handing a batch to a transport. Outcomes are data: one pure table (`scheduling/Decision`) says what follows
 * from each, and a new outcome without a row there does not compile.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"

/**
 * The verdict of an endpoint on one event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rejection {
  readonly id: string
  readonly reason: string
  readonly retryable: boolean
}

/**
 * Why no usable answer came.
 *
 * @since 0.1.0
 * @category models
 */
export type UnreachableReason = "offline" | "dns" | "refused" | "reset" | "timeout" | "garbled"

/**
 * What came of one of several requests, for the events it carried.
 *
 * @since 0.1.0
 * @category models
 */
export interface Part {
  readonly ids: ReadonlyArray<string>
  readonly outcome: Outcome
}

/**
 * @since 0.1.0
 * @category models
 */
export type Outcome = Data.TaggedEnum<{
  /** Every event is stored at the endpoint; `duplicates` of them had been already. */
  readonly Accepted: { readonly duplicates: number }
  /**
   * Some events were refused. `rejections` names all of them, or none where the endpoint does not say which: then
   * `rejected` alone is known.
   */
  readonly PartlyAccepted: {
    readonly accepted: number
    readonly rejected: number
    readonly rejections: ReadonlyArray<Rejection>
    readonly duplicates: number
  }
  /**
   * The endpoint is done with every event for good. It has refused `rejected` of them and does not say which, and none may
   * be sent again to find out.
   */
  readonly Settled: { readonly accepted: number; readonly rejected: number; readonly message: string }
  /** The batch went out in several requests. Each event is in one part. */
  readonly Divided: { readonly parts: ReadonlyArray<Part> }
  /**
   * No answer that can be read. `ambiguous` when the endpoint may have stored the batch all the same, so that the next
   * attempt must be the same batch under the same key.
   */
  readonly Unreachable: {
    readonly reason: UnreachableReason
    readonly ambiguous: boolean
    readonly message: string
  }
  /** 408, 429 and 5xx other than 500: the endpoint is there and asks to be left alone for a while. */
  readonly Unavailable: {
    readonly status: number
    readonly retryAfter: Duration.Duration | null
    readonly message: string
  }
  /** 500: the endpoint is down, or this batch breaks it; which of the two shows with repetition. */
  readonly Faulted: { readonly status: number; readonly retryAfter: Duration.Duration | null; readonly message: string }
  /** 400, 413, 422: the endpoint refuses the content of this batch. */
  readonly ContentRefused: { readonly status: number; readonly message: string }
  /**
   * 401, 403, 404, 405, 407, 410, other 4xx, a redirect, a certificate that does not verify, an address not allowed. With
   * `seldom` the endpoint is tried again only after the longest delay, not by the schedule.
   */
  readonly Misconfigured: {
    readonly status: number | null
    readonly reason: "status" | "redirect" | "certificate" | "endpoint"
    readonly message: string
    readonly seldom?: boolean
  }
}>

/**
 * @since 0.1.0
 * @category constructors
 */
export const {
  $is,
  $match,
  Accepted,
  PartlyAccepted,
  Settled,
  Divided,
  Unreachable,
  Unavailable,
  Faulted,
  ContentRefused,
  Misconfigured
} = Data.taggedEnum<Outcome>()

/**
 * Was the request certainly never read by the endpoint? Then its rate-limit tokens are given back.
 *
 * @since 0.1.0
 * @category predicates
 */
export const nothingSent = (outcome: Outcome): boolean =>
  outcome._tag === "Divided"
    ? outcome.parts.every((part) => nothingSent(part.outcome))
    : (outcome._tag === "Unreachable" && !outcome.ambiguous && outcome.reason !== "garbled") ||
      (outcome._tag === "Misconfigured" && (outcome.reason === "endpoint" || outcome.reason === "certificate"))

/**
 * Did the endpoint take any event?
 *
 * @since 0.1.0
 * @category predicates
 */
export const tookSome = (outcome: Outcome): boolean =>
  outcome._tag === "Accepted" ||
  ((outcome._tag === "PartlyAccepted" || outcome._tag === "Settled") && outcome.accepted > 0) ||
  (outcome._tag === "Divided" && outcome.parts.some((part) => tookSome(part.outcome)))

/**
 * Did an answer come that can be read?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isAnswered = (outcome: Outcome): boolean =>
  outcome._tag === "Divided"
    ? outcome.parts.every((part) => isAnswered(part.outcome))
    : outcome._tag !== "Unreachable"

/**
 * Was the request answered well, whatever the endpoint thinks of single events?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isWell = (outcome: Outcome): boolean =>
  outcome._tag === "Accepted" || outcome._tag === "PartlyAccepted" || outcome._tag === "Settled" ||
  (outcome._tag === "Divided" && outcome.parts.every((part) => isWell(part.outcome)))

/**
 * What an event is refused with when nobody says why.
 *
 * @since 0.1.0
 * @category constants
 */
export const refused = "refused by the endpoint, which does not say why"

/**
 * What went wrong, for a person; null when nothing did.
 *
 * @since 0.1.0
 * @category getters
 */
export const errorOf = (outcome: Outcome): string | null => {
  switch (outcome._tag) {
    case "Accepted":
      return null
    case "PartlyAccepted":
      return outcome.rejections[0]?.reason ?? refused
    case "Divided":
      return outcome.parts.reduce<string | null>((error, part) => error ?? errorOf(part.outcome), null)
    default:
      return outcome.message
  }
}
