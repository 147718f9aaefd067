/**
 * Events to rows and back.
 *
 * @internal
 */
import { type RedactedEvent, unsafeRedacted } from "../../domain/TelemetryEvent.js"
import * as Interned from "./Interned.js"
import type { Session } from "./Session.js"

/**
 * The columns of {@link columns}, in their order.
 *
 * @internal
 */
export type EventRow = readonly [
  seq: number,
  id: string,
  type: number,
  context: number,
  time: number,
  rate: number | null,
  suppressed: number | null,
  data: string
]

/** @internal */
export const columns = "e.seq, lower(hex(e.id)), e.type, e.context, e.time, e.rate, e.suppressed, e.data"

const digit = (code: number): number => code < 58 ? code - 48 : (code | 32) - 87

/**
 * The sixteen bytes of a UUID.
 *
 * @internal
 */
export const toBytes = (uuid: string): Uint8Array => {
  const bytes = new Uint8Array(16)
  let at = 0
  for (let i = 0; i < 16; i++) {
    if (uuid.charCodeAt(at) === 45) at++
    bytes[i] = digit(uuid.charCodeAt(at)) * 16 + digit(uuid.charCodeAt(at + 1))
    at += 2
  }
  return bytes
}

/**
 * A UUID from its 32 digits.
 *
 * @internal
 */
export const toUuid = (hex: string): string =>
  hex.slice(0, 8) + "-" + hex.slice(8, 12) + "-" + hex.slice(12, 16) + "-" + hex.slice(16, 20) + "-" + hex.slice(20)

/** @internal */
export const toEvent = (
  session: Session,
  [, id, type, context, time, rate, suppressed, data]: readonly [...EventRow, ...ReadonlyArray<unknown>]
): RedactedEvent =>
  unsafeRedacted({
    id: toUuid(id),
    type: Interned.typeName(session, type),
    time,
    data,
    rate: rate ?? 1,
    suppressed: suppressed ?? 0,
    context: Interned.contextOf(session, context).context
  })
