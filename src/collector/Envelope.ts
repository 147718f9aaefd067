/**
 * The envelope of an event: everything but its data. The schema decides; a plain function that knows the schema by heart
 * says yes first, because it does so twenty times as fast and nearly every event is sound. A test keeps the two equal.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Level from "../domain/Level.js"
import { schemaVersion, WireEvent } from "../domain/TelemetryEvent.js"
import * as Reason from "./Reason.js"

/** Kinds of characters, by code: 1 for those of hexadecimal numbers, 2 for the hyphen. */
const kinds = Uint8Array.from(
  { length: 128 },
  (_, code) => /[0-9a-f]/i.test(String.fromCharCode(code)) ? 1 : code === 0x2d ? 2 : 0
)

const uuid = Array.from("00000000-0000-0000-0000-000000000000", (character) => character === "-" ? 2 : 1)

/**
 * @since 0.1.0
 * @category predicates
 */
export const isUuid = (value: unknown): value is string => {
  if (typeof value !== "string" || value.length !== uuid.length) return false
  // Half of what a regular expression takes; there are two or three in every event.
  for (let i = 0; i < uuid.length; i++) if (kinds[value.charCodeAt(i)] !== uuid[i]) return false
  return true
}

/**
 * The id of what may be an event; empty where it is no text, and so none.
 *
 * @since 0.1.0
 * @category getters
 */
export const idOf = (event: unknown): string =>
  Predicate.hasProperty(event, "id") && typeof event.id === "string" ? event.id : ""

const isName = (value: unknown): boolean => typeof value === "string" && value.length > 0 && value.length <= 100

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isApp = (value: unknown): boolean =>
  isRecord(value) && isName(value["name"]) && typeof value["version"] === "string" && value["version"].length <= 100

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

const isRate = (value: unknown): boolean => typeof value === "number" && value > 0 && value <= 1

/**
 * Of a value that came from JSON: is it an envelope? It may say no where the schema says yes, never the other way round.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isSound = (event: unknown): event is WireEvent =>
  isRecord(event) && isUuid(event["id"]) && isUuid(event["sessionId"]) &&
  (event["installationId"] === undefined || isUuid(event["installationId"])) &&
  isName(event["eventType"]) && isRecord(event["eventData"]) && isCount(event["timestamp"]) &&
  Level.all.some((level) => level === event["level"]) && isRate(event["sampleRate"]) &&
  (event["suppressed"] === undefined || isCount(event["suppressed"])) &&
  isApp(event["app"]) && event["schemaVersion"] === schemaVersion

/**
 * What the schema has against it; null: nothing.
 *
 * @since 0.1.0
 * @category getters
 */
export const reason: (event: unknown) => string | null = Reason.make(WireEvent)
