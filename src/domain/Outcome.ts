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
  /** 401, 403, 404, 405, 407, 410, other 4xx, a redirect, a certificate that does not verify, an address not allowed. */
  readonly Misconfigured: {
    readonly status: number | null
    readonly reason: "status" | "redirect" | "certificate" | "endpoint"
    readonly message: string
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
  (outcome._tag === "Unreachable" && !outcome.ambiguous && outcome.reason !== "garbled") ||
  (outcome._tag === "Misconfigured" && (outcome.reason === "endpoint" || outcome.reason === "certificate"))
