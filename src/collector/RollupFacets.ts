/**
 * What events are counted by besides the dimension of their type: pure.
 *
 * @since 0.1.0
 */
import { maxMessageLength } from "../Policy.js"
import { text } from "./EventTypes.js"
import * as Limits from "./Limits.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Facet {
  readonly facet: string
  readonly value: string
  /** What sums and percentiles are taken of. */
  readonly metric: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ErrorDetails {
  readonly fingerprint: string
  readonly errorType: string
  readonly severity: string
  readonly category: string
  /** Null: the event had none, as its level asks. */
  readonly message: string | null
}

type Data = { readonly [key: string]: unknown }

const none: ReadonlyArray<Facet> = []

/**
 * The fields of `environment` events that are counted by.
 *
 * @since 0.1.0
 * @category constants
 */
export const environment = ["os", "arch", "runtime", "runtimeVersion", "memoryClass"] as const

const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Math.abs(value) <= Limits.maxMetric ? value : null

const measured = (facet: string, value: unknown): ReadonlyArray<Facet> => {
  const metric = numberOf(value)
  return metric === null ? none : [{ facet, value: "", metric }]
}

const words = (...parts: ReadonlyArray<unknown>): string => parts.map((part) => text(part)).join(" ")

const byType: Readonly<Record<string, (data: Data) => ReadonlyArray<Facet>>> = {
  environment: (data) => environment.map((facet) => ({ facet, value: text(data[facet]), metric: null })),
  web_vital: (data) => [{ facet: "rating", value: words(data["rating"], data["metric"]), metric: null }],
  suggestion: (data) => [{
    facet: "outcome",
    value: words(data["outcome"], data["suggestionType"]),
    metric: numberOf(data["timeToInteract"])
  }],
  conversation: (data) =>
    data["completed"] === true
      ? [
        { facet: "completed", value: "", metric: null },
        ...measured("messageCount", data["messageCount"]),
        ...measured("averageMessageLength", data["averageMessageLength"])
      ]
      : none,
  submission_health: (data) => measured("dropped", data["dropped"]),
  error_occurred: (data) => [{ facet: "fingerprint", value: text(data["fingerprint"]), metric: null }]
}

/**
 * @since 0.1.0
 * @category getters
 */
export const of = (type: string, data: Data): ReadonlyArray<Facet> =>
  Object.hasOwn(byType, type) ? byType[type]!(data) : none

/**
 * What is kept of an error beside its counts; null for any other event.
 *
 * @since 0.1.0
 * @category getters
 */
export const errorOf = (type: string, data: Data): ErrorDetails | null =>
  type !== "error_occurred" ? null : {
    fingerprint: text(data["fingerprint"]),
    errorType: text(data["errorType"]),
    severity: text(data["severity"]),
    category: text(data["category"]),
    message: typeof data["message"] === "string" ? text(data["message"], maxMessageLength) : null
  }
