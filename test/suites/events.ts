import type * as Ledger from "../../src/domain/Ledger.js"
import type { Level } from "../../src/domain/Level.js"
import { type EventContext, type RedactedEvent, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import type { AppendGroup } from "../../src/persistence/EventStore.js"

export const epochA = "aaaaaaaa-0000-4000-8000-000000000001"
export const epochB = "bbbbbbbb-0000-4000-8000-000000000002"

export const context = (options: Partial<EventContext> = {}): EventContext => ({
  sessionId: "11111111-1111-4111-8111-111111111111",
  installationId: "22222222-2222-4222-8222-222222222222",
  app: { name: "search", version: "1.2.3" },
  epoch: epochA,
  level: "full",
  remote: true,
  ...options
})

export const plain = context()

/** The event with number `n`: its id, type and data tell it from every other. */
export const event = (
  n: number,
  options: {
    readonly time?: number
    readonly type?: string
    readonly data?: string
    readonly context?: EventContext
    readonly rate?: number
    readonly suppressed?: number
  } = {}
): RedactedEvent =>
  unsafeRedacted({
    id: "0197f3c2-0000-7000-8000-" + n.toString(16).padStart(12, "0"),
    type: options.type ?? "query_performed",
    time: options.time ?? 1_700_000_000_000 + n,
    data: options.data ?? `{"n":${n}}`,
    rate: options.rate ?? 1,
    suppressed: options.suppressed ?? 0,
    context: options.context ?? plain
  })

export const events = (from: number, to: number, options?: Parameters<typeof event>[1]): ReadonlyArray<RedactedEvent> =>
  Array.from({ length: to - from + 1 }, (_, i) => event(from + i, options))

export const group = (list: ReadonlyArray<RedactedEvent>, options: Partial<AppendGroup> = {}): AppendGroup => ({
  events: list,
  destinations: ["default"],
  counts: { offered: list.length },
  queueLimit: 10_000,
  ...options
})

const isZero = ([, count]: readonly [string, number]): boolean => count === 0

/** A ledger without its zeros: a term that was never counted and one that is back at nothing are the same. */
export const nonZero = (snapshot: Ledger.Snapshot) => {
  const strip = (terms: object) => Object.fromEntries(Object.entries(terms).filter((entry) => !isZero(entry)))
  return {
    capture: strip(snapshot.capture),
    destinations: Object.fromEntries(
      Object.entries(snapshot.destinations).map(([id, terms]) => [id, strip(terms)] as const)
        .filter(([, terms]) => Object.keys(terms).length > 0)
    )
  }
}

export const atLevel = (level: Level): EventContext => context({ level })
