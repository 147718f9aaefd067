/**
 * From an error to the data of `error_occurred`: a fingerprint that is the same for the same error on every machine and in
 * every build, how bad it is, and what kind of trouble it is. Pure, and it never throws whatever it is given.
 *
 * @since 0.1.0
 */
import type { ErrorOccurred } from "../../domain/EventCatalog.js"
import type * as EventDefinition from "../../domain/EventDefinition.js"
import * as Policy from "../../Policy.js"
import * as Fingerprint from "./Fingerprint.js"

/**
 * As the event declares it.
 *
 * @since 0.1.0
 * @category models
 */
export type Severity = EventDefinition.Data<typeof ErrorOccurred>["severity"]

/**
 * @since 0.1.0
 * @category models
 */
export type Category =
  | "network"
  | "api"
  | "auth"
  | "timeout"
  | "validation"
  | "storage"
  | "permission"
  | "unknown"

/**
 * @since 0.1.0
 * @category models
 */
export interface Input {
  readonly errorType: string
  readonly message: string
  readonly stack?: string | undefined
  readonly context?: Readonly<Record<string, unknown>> | undefined
  /** The program does not survive it. */
  readonly fatal?: boolean | undefined
  /** Default: told from type, message and `fatal`. */
  readonly severity?: Severity | undefined
  /** Default: told from type and message. */
  readonly category?: Category | undefined
}

/**
 * The data of `error_occurred`. Message, stack and context are as given: the encoder redacts and cuts them.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorData {
  readonly errorType: string
  readonly message: string
  readonly stack?: string
  readonly context?: Readonly<Record<string, unknown>>
  readonly fatal: boolean
  readonly fingerprint: string
  readonly severity: Severity
  readonly category: Category
  readonly breadcrumbs?: ReadonlyArray<unknown>
  readonly count: number
}

/** Characters of a message that decide; the rest costs time and says nothing new. */
const looked = 1000

const categories: ReadonlyArray<readonly [Category, RegExp]> = [
  ["timeout", /time[- _]?d? ?out|etimedout|esockettimedout|deadline exceeded|aborted due to timeout/i],
  [
    "permission",
    /\b(?:eacces|eperm|erofs)\b|permission|access (?:is )?denied|not permitted|operation not allowed|read-?only file/i
  ],
  [
    "auth",
    /unauthori[sz]ed|unauthenticated|forbidden|authenticat|credential|\b(?:401|403)\b|(?:invalid|expired|missing) (?:api[- _]?key|token|session)|jwt|login (?:failed|required)/i
  ],
  [
    "storage",
    /\b(?:enospc|enoent|eexist|emfile|enfile|eisdir|enotdir|enotempty|eio|edquot)\b|sqlite|quota ?exceeded|no space left|disk (?:is )?full|database|no such (?:file|table)|file not found|indexeddb/i
  ],
  [
    "network",
    /\b(?:econnrefused|econnreset|econnaborted|enotfound|eai_again|ehostunreach|enetunreach|enetdown|epipe|und_err_\w+)\b|network|socket|dns|fetch failed|failed to fetch|connection (?:refused|reset|closed|lost)|certificate|\b(?:tls|ssl)\b|offline/i
  ],
  [
    "api",
    /\bhttp(?:error|status|responseerror)?\b|\bapi\b|status(?: code)? [45]\d\d|\b(?:400|404|405|409|410|415|429|500|501|502|503|504)\b|bad (?:request|gateway)|too many requests|rate ?limit|internal server error|service unavailable|responseerror|requesterror/i
  ],
  [
    "validation",
    /validat|parseerror|invalid|malformed|unexpected (?:token|end)|expected |syntaxerror|must (?:be|have|not)|is (?:required|missing)|out of range|rangeerror|schema|unknown (?:option|argument)/i
  ]
]

/**
 * What kind of trouble it is: the first that fits. The more particular kinds come first, so that a time-out of the network
 * is a time-out.
 *
 * @since 0.1.0
 * @category classification
 */
export const categoryOf = (errorType: string, message: string): Category => {
  const text = spaced(errorType) + " " + message.slice(0, looked)
  for (const [category, pattern] of categories) if (pattern.test(text)) return category
  return "unknown"
}

/** `ConnectTimeoutError` also as `Connect Timeout Error`, so that words in a name count as words. */
const spaced = (errorType: string): string =>
  errorType.slice(0, looked) + " " + errorType.slice(0, looked).replace(/([a-z])(?=[A-Z])/g, "$1 ")

const critical =
  /out of memory|maximum call stack|heap limit|corrupt|\b(?:enospc|edquot)\b|no space left|disk (?:is )?full/i
const harmless = /\babort(?:ed|error)?\b|cancel|interrupt/i
const debugging = /\bdebug\b/i
const passing: ReadonlySet<Category> = new Set(["network", "timeout", "validation"])

/**
 * How bad it is: `CRITICAL` when the program or its data do not survive it, `INFO` when somebody wanted it, `WARNING` when it
 * passes by itself or is the input's fault, else `ERROR`.
 *
 * @since 0.1.0
 * @category classification
 */
export const severityOf = (errorType: string, message: string, category: Category, fatal: boolean): Severity => {
  const text = spaced(errorType) + " " + message.slice(0, looked)
  if (fatal || critical.test(text)) return "CRITICAL"
  if (category !== "timeout" && harmless.test(text)) return "INFO"
  if (debugging.test(text)) return "DEBUG"
  return passing.has(category) || /warning|deprecat/i.test(text) ? "WARNING" : "ERROR"
}

/** Programs without types may hand over anything. */
const text = (value: unknown): string => typeof value === "string" ? value : ""

/**
 * @since 0.1.0
 * @category constructors
 */
export const describe = (input: Input): ErrorData => {
  const errorType = text(input.errorType).slice(0, Policy.maxErrorTypeLength) || "Error"
  const message = text(input.message)
  const stack = text(input.stack)
  const fatal = input.fatal === true
  const category = input.category ?? categoryOf(errorType, message)
  return {
    errorType,
    message,
    ...(stack === "" ? {} : { stack }),
    ...(input.context === undefined ? {} : { context: input.context }),
    fatal,
    fingerprint: Fingerprint.make(errorType, message, stack),
    severity: input.severity ?? severityOf(errorType, message, category, fatal),
    category,
    count: 1
  }
}
