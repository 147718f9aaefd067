/**
 * What a page sends when it is left: at most 64 KiB, in one request that no other has to come before, and whose answer
 * nobody waits for. What it carries stays in the queue, and the collector knows it again by its id.
 *
 * @since 0.1.0
 */
import * as Consent from "../domain/Consent.js"
import type { RedactedEvent } from "../domain/TelemetryEvent.js"
import * as TelemetryEvent from "../domain/TelemetryEvent.js"
import { utf8Length } from "../persistence/Utf8.js"
import { discreet } from "./BrowserHttp.js"
import type { Service as Page } from "./Page.js"

/**
 * Browsers allow 64 KiB for all that a page has under way; some room is left for others.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxBytes = 60 * 1024

/**
 * @since 0.1.0
 * @category models
 */
export interface Body {
  readonly text: string
  readonly ids: ReadonlyArray<string>
}

/**
 * The newest of the events that may be sent by the consent that holds now, in the form of a beacon; null when there are
 * none.
 *
 * @since 0.1.0
 * @category encoding
 */
export const body = (
  events: ReadonlyArray<RedactedEvent>,
  effective: Consent.Effective,
  key: string | null
): Body | null => {
  const head = `{${key === null ? "" : `"key":${JSON.stringify(key)},`}"events":[`
  const parts: Array<string> = []
  const ids: Array<string> = []
  let bytes = utf8Length(head) + 2
  for (const event of events.toReversed()) {
    const admitted = Consent.admit(event, effective)
    if (admitted === null) continue
    const text = TelemetryEvent.toJson(admitted)
    bytes += utf8Length(text) + 1
    if (bytes > maxBytes) break
    parts.push(text)
    ids.push(event.id)
  }
  return parts.length === 0 ? null : { text: `${head}${parts.reverse().join(",")}]}`, ids }
}

/**
 * Plain text, so that nothing has to be asked first, and by `fetch`, which can leave out the cookies; by `sendBeacon` where
 * requests do not outlive their page. Gives whether the browser has taken it.
 *
 * @since 0.1.0
 * @category sending
 */
export const send = (page: Pick<Page, "fetch" | "sendBeacon">, url: string, text: string): boolean => {
  if (!("keepalive" in Request.prototype)) return page.sendBeacon?.(url, text) ?? false
  try {
    const headers = { "content-type": "text/plain;charset=UTF-8" }
    page.fetch(url, { method: "POST", body: text, headers, keepalive: true, ...discreet }).catch(() => {})
    return true
  } catch {
    return page.sendBeacon?.(url, text) ?? false
  }
}
