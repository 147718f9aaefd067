/**
 * What a fake collector can be told to do wrong.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * @since 0.1.0
 * @category models
 */
export type Fault = Data.TaggedEnum<{
  /** Reads the request and never answers. */
  readonly Hang: {}
  /** Closes the connection without an answer; nothing is stored. */
  readonly Reset: {}
  /** Stores the batch and closes the connection without an answer. */
  readonly LostAck: {}
  /** Stores the batch and closes the connection in the middle of the answer. */
  readonly TornAnswer: {}
  /** Answers a status of its own, with `Retry-After` as given. Nothing is stored. */
  readonly Status: { readonly status: number; readonly retryAfter?: string | undefined }
  /** A captive portal: 200 with a page. */
  readonly Html: {}
  /** Any answer at all. Nothing is stored. */
  readonly Raw: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly body: string
  }
  /** Sends another client elsewhere. */
  readonly Redirect: { readonly status: number; readonly location: string }
  /** Answers a byte at a time, for ever. */
  readonly Drip: {}
  /** A 200 with a body of so many bytes. */
  readonly Flood: { readonly bytes: number }
}>

/**
 * @since 0.1.0
 * @category constructors
 */
export const { $is, $match, Drip, Flood, Hang, Html, LostAck, Raw, Redirect, Reset, Status, TornAnswer } = Data
  .taggedEnum<Fault>()

/**
 * What goes over the connection.
 *
 * @since 0.1.0
 * @category models
 */
export type Reply = Data.TaggedEnum<{
  readonly Answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  readonly Silence: {}
  readonly Close: {}
  /** The head of an answer and half of its body, then the end of the connection. */
  readonly Half: { readonly body: string }
  readonly Trickle: {}
}>

/**
 * @since 0.1.0
 * @category constructors
 */
export const Reply = Data.taggedEnum<Reply>()
