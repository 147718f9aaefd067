/**
 * Log records of OTLP/HTTP (JSON) as events: pure. A record with an event name is an event of that type whose data are its
 * attributes; a line of a log is a `log_recorded`. A record that carries no id is given one made of what it says, so that a
 * request that is sent again is stored once.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Crypto from "node:crypto"
import { schemaVersion } from "../domain/TelemetryEvent.js"
import * as Envelope from "./Envelope.js"
import * as Limits from "./Limits.js"

type Values = { readonly [key: string]: unknown }

const member = (value: unknown, name: string): unknown => Predicate.hasProperty(value, name) ? value[name] : undefined

const list = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

/** Numbers may come as text; anything else would be made into one by methods of its own, or fail. */
const numberOf = (value: unknown): number => typeof value === "number" || typeof value === "string" ? Number(value) : 0

const ofType = (value: unknown, ...types: ReadonlyArray<string>): unknown => types.includes(typeof value) ? value : null

const plain = (value: unknown, depth: number): unknown => {
  if (depth === 0 || !Predicate.isRecord(value)) return null
  if ("stringValue" in value) return ofType(value["stringValue"], "string")
  if ("boolValue" in value) return ofType(value["boolValue"], "boolean")
  if ("intValue" in value) return numberOf(value["intValue"])
  if ("doubleValue" in value) return ofType(value["doubleValue"], "number", "string")
  if ("bytesValue" in value) return ofType(value["bytesValue"], "string")
  if ("arrayValue" in value) return list(member(value["arrayValue"], "values")).map((one) => plain(one, depth - 1))
  return "kvlistValue" in value ? values(member(value["kvlistValue"], "values"), depth - 1) : null
}

const values = (attributes: unknown, depth = Limits.maxDataDepth): Values =>
  Object.fromEntries(
    list(attributes).flatMap((one) => {
      const key = member(one, "key")
      return typeof key === "string" ? [[key, plain(member(one, "value"), depth)]] : []
    })
  )

const textOf = (value: unknown): string | undefined => typeof value === "string" && value !== "" ? value : undefined

const nameOf = (value: unknown, otherwise: string): string => (textOf(value) ?? otherwise).slice(0, 100)

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-")

const hashed = (value: unknown): string => Crypto.createHash("sha256").update(JSON.stringify(value)).digest("hex")

/** Any other name for a session or an installation becomes a UUID, always the same. */
const uuidOf = (value: unknown): string => {
  if (Envelope.isUuid(value)) return value
  const hex = hashed(value)
  return dashed(`${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17)}`)
}

/** Begins with the time, like the ids of our own events. */
const idOf = (time: number, said: unknown): string => {
  const hex = hashed(said)
  return dashed(
    `${Math.min(time, 0xffff_ffff_ffff).toString(16).padStart(12, "0")}7${hex.slice(13, 16)}8${hex.slice(17)}`
  )
}

/** Nanoseconds, as text or as a number; 0: none, or none to reckon with. */
const millisOf = (nanos: unknown): number => {
  const text = typeof nanos === "number" || typeof nanos === "string" ? String(nanos) : ""
  return /^\d{1,20}$/.test(text) ? Number(BigInt(text) / 1_000_000n) : 0
}

const severities = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const

/** By its number: four steps to each word. */
const severityOf = (record: unknown): string => {
  const number = numberOf(member(record, "severityNumber"))
  return number >= 1 && number <= 24 ? severities[Math.floor((number - 1) / 4)]! : "INFO"
}

/** What becomes a part of the event itself. */
const own = new Set([
  "event.name",
  "log.record.uid",
  "session.id",
  "app.installation.id",
  "sample.rate",
  "suppressed"
])

const dataOf = (type: string | undefined, record: unknown, attributes: Values): Values => {
  const rest = Object.fromEntries(Object.entries(attributes).filter(([key]) => !own.has(key)))
  const body = plain(member(record, "body"), Limits.maxDataDepth)
  if (type === undefined) {
    return {
      severity: severityOf(record),
      message: typeof body === "string" ? body : JSON.stringify(body),
      ...(Object.keys(rest).length === 0 ? {} : { attributes: rest })
    }
  }
  return body === null || "message" in rest
    ? rest
    : Predicate.isRecord(body)
    ? { ...body, ...rest }
    : { message: body, ...rest }
}

const eventOf = (resource: Values, record: unknown, nth: (said: string) => number, now: number): Values => {
  const attributes = values(member(record, "attributes"))
  const time = millisOf(member(record, "timeUnixNano")) || millisOf(member(record, "observedTimeUnixNano"))
  const type = textOf(member(record, "eventName")) ?? textOf(attributes["event.name"])
  const uid = attributes["log.record.uid"]
  const data = dataOf(type, record, attributes)
  const said = hashed([resource, attributes, time, type, data, textOf(member(record, "spanId"))])
  const session = attributes["session.id"] ?? resource["session.id"] ?? resource["service.instance.id"] ?? resource
  const installation = attributes["app.installation.id"] ?? resource["app.installation.id"]
  const { suppressed } = attributes
  return {
    id: Envelope.isUuid(uid) ? uid : idOf(time, [said, nth(said)]),
    sessionId: uuidOf(session),
    ...(installation === undefined ? {} : { installationId: uuidOf(installation) }),
    eventType: type ?? "log_recorded",
    eventData: data,
    timestamp: time === 0 ? now : time,
    level: type === undefined ? "enhanced" : "basic",
    sampleRate: attributes["sample.rate"] ?? 1,
    ...(suppressed === undefined ? {} : { suppressed }),
    app: {
      name: nameOf(resource["service.name"], "unknown_service"),
      version: typeof resource["service.version"] === "string" ? resource["service.version"].slice(0, 100) : ""
    },
    schemaVersion
  }
}

/**
 * Log records as they came, each with what its resource says.
 *
 * @since 0.1.0
 * @category models
 */
export type Records = ReadonlyArray<{ readonly resource: Values; readonly record: unknown }>

/**
 * The records of a request, at no more cost than to find them; null: it is no request for logs.
 *
 * @since 0.1.0
 * @category getters
 */
export const records = (request: Values): Records | null => {
  const { resourceLogs } = request
  if (resourceLogs !== undefined && !Array.isArray(resourceLogs)) return null
  return list(resourceLogs).flatMap((group) => {
    const resource = values(member(member(group, "resource"), "attributes"))
    return list(member(group, "scopeLogs")).flatMap((scope) =>
      list(member(scope, "logRecords")).map((record) => ({ resource, record }))
    )
  })
}

/**
 * Makes events, unchecked as yet, of the records of one request, however it is divided. `now` is for records that say no time.
 *
 * @since 0.1.0
 * @category conversions
 */
export const converter = (now: number): (records: Records) => ReadonlyArray<unknown> => {
  const times = new Map<string, number>()
  const nth = (said: string): number => {
    const n = times.get(said) ?? 0
    times.set(said, n + 1)
    return n
  }
  return (records) => records.map(({ record, resource }) => eventOf(resource, record, nth, now))
}
