/**
 * What a beacon may send: declared events of scalar fields, at level basic. Whatever is not declared is not sent, and text is
 * searched for what looks personal.
 *
 * @since 0.1.0
 */

/**
 * A `?` marks what may be absent.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = "string" | "number" | "boolean" | "string?" | "number?" | "boolean?"

/**
 * The kind of each field of an event.
 *
 * @since 0.1.0
 * @category models
 */
export type Fields = { readonly [field: string]: Kind }

/**
 * @since 0.1.0
 * @category models
 */
export type Declarations = { readonly [eventType: string]: Fields }

interface Types {
  readonly string: string
  readonly number: number
  readonly boolean: boolean
}

type TypeOf<K extends Kind> = K extends keyof Types ? Types[K]
  : K extends `${infer Name extends keyof Types}?` ? Types[Name] | undefined
  : never

type Optional<F extends Fields> = { [Name in keyof F]: F[Name] extends `${string}?` ? Name : never }[keyof F]

/**
 * What `track` takes for an event.
 *
 * @since 0.1.0
 * @category models
 */
export type Data<F extends Fields> =
  & { readonly [Name in Exclude<keyof F, Optional<F>>]: TypeOf<F[Name]> }
  & { readonly [Name in Optional<F>]?: TypeOf<F[Name]> }

/**
 * Data as it travels.
 *
 * @since 0.1.0
 * @category models
 */
export type Shaped = { readonly [field: string]: string | number | boolean }

/**
 * The built-in events a page has a use for, with their fields of level basic.
 *
 * @since 0.1.0
 * @category constants
 */
export const builtIn = {
  feature_used: { featureName: "string", enabled: "boolean?", variant: "string?", action: "string?" },
  performance_measured: { metricName: "string", value: "number", unit: "string" },
  web_vital: { metric: "string", value: "number", rating: "string" },
  error_occurred: {
    errorType: "string",
    fatal: "boolean",
    fingerprint: "string",
    severity: "string",
    category: "string",
    count: "number"
  }
} as const satisfies Declarations

const maxText = 100

const sensitive =
  /passw|passphrase|secret|token|credential|cookie|authori[sz]|e-?mail|phone|iban|ssn|(?:api|private|access)[-_]?key|card[-_]?number/i

const patterns: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b[a-z][a-z\d+.-]{0,20}:\/\/\S+/gi, "[url]"],
  [/[^\s@<>"',;:()]{1,64}@[^\s@<>"',;()]{1,255}/g, "[email]"],
  [/\b(?:bearer|basic) \S+|\b(?=[\w.~+/=-]*\d)[\w.~+/=-]{24,}/gi, "[token]"],
  [/(?:\/(?:home|users)\/|[a-z]:\\users\\)[^\s/\\]+/gi, "[path]"],
  [/\+?\(?\d(?:[ .()/-]{0,2}\d){6,}|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[\da-f]{1,4}:){3,}[\da-f:]*/gi, "[number]"]
]

/**
 * Text without what looks personal, and short.
 *
 * @since 0.1.0
 * @category redaction
 */
export const redact = (text: string): string => {
  // Cut before it is searched as well, so that no text takes long.
  let out = text.slice(0, 1000)
  for (const [pattern, word] of patterns) out = out.replace(pattern, word)
  return out.slice(0, maxText)
}

/**
 * The declared fields of `data`, redacted; null where one is missing or of another kind.
 *
 * @since 0.1.0
 * @category constructors
 */
export const shape = (fields: Fields, data: { readonly [field: string]: unknown }): Shaped | null => {
  const out: Record<string, string | number | boolean> = {}
  for (const [name, kind] of Object.entries(fields)) {
    const value = data[name]
    if (value === undefined && kind.endsWith("?")) continue
    if (typeof value === "string" && kind.startsWith("string")) {
      out[name] = sensitive.test(name) ? "[redacted]" : redact(value)
    } else if (typeof value === "boolean" && kind.startsWith("boolean")) out[name] = value
    else if (typeof value === "number" && Number.isFinite(value) && kind.startsWith("number")) {
      out[name] = sensitive.test(name) ? 0 : value
    } else return null
  }
  return out
}
