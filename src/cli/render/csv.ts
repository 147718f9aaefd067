/**
 * Events as CSV after RFC 4180, safe to open in a spreadsheet.
 *
 * @since 0.1.0
 */
import type { WireEvent } from "../../domain/TelemetryEvent.js"
import { line } from "../../web/Csv.js"
import { clean, json } from "./text.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const columns: ReadonlyArray<string> = [
  "id",
  "sessionId",
  "installationId",
  "eventType",
  "timestamp",
  "level",
  "sampleRate",
  "suppressed",
  "appName",
  "appVersion",
  "schemaVersion",
  "eventData"
]

/**
 * One line, without its end.
 *
 * @since 0.1.0
 * @category formatting
 */
export const row = (event: WireEvent): string =>
  line([
    event.id,
    event.sessionId,
    event.installationId ?? "",
    clean(event.eventType),
    String(event.timestamp),
    event.level,
    String(event.sampleRate),
    String(event.suppressed ?? 0),
    clean(event.app.name),
    clean(event.app.version),
    String(event.schemaVersion),
    json(event.eventData)
  ])
