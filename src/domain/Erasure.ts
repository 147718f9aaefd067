/**
 * Requests to a collector to erase what it was sent. They live in the consent record, apart from the data they are about:
 * erasing that data loses none, and opting out and asking for erasure are one write.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Policy from "../Policy.js"
import type { EventContext } from "./TelemetryEvent.js"

/**
 * One request, from when it is made until the collector confirms it. The same id always, however often it is sent.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Erasure = Schema.Struct({
  requestId: Schema.UUID,
  /** Where the data was sent to: the request goes there and nowhere else. */
  endpoint: Schema.String,
  installationId: Schema.NullOr(Schema.UUID),
  sessionIds: Schema.Array(Schema.UUID),
  /** Milliseconds since the epoch. */
  requestedAt: Schema.Int,
  attempts: Schema.Int,
  nextAttemptAt: Schema.NullOr(Schema.Int),
  lastError: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Erasure = typeof Erasure.Type

/**
 * Who is to be erased, and where.
 *
 * @since 0.1.0
 * @category models
 */
export interface Subjects {
  readonly endpoint: string
  readonly installationIds: ReadonlyArray<string>
  readonly sessionIds: ReadonlyArray<string>
}

/**
 * Collects the subjects of stored events, one event after the other: of those alone that may have been sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const collect = (installationId: string | null) => {
  const installationIds = new Set(installationId === null ? [] : [installationId])
  const sessionIds = new Set<string>()
  return {
    add: ({ installationId, remote, sessionId }: EventContext): void => {
      if (!remote) return
      if (installationId !== null) installationIds.add(installationId)
      sessionIds.add(sessionId)
    },
    /** The newest sessions, where there are more than are kept. */
    subjects: (endpoint: string): Subjects => ({
      endpoint,
      installationIds: [...installationIds],
      sessionIds: [...sessionIds].slice(-Policy.maxErasureSessions)
    })
  }
}

/**
 * The requests that erase all subjects, none naming more than a collector takes. Empty when there is nobody to name.
 *
 * @since 0.1.0
 * @category constructors
 */
export const requests = (
  subjects: Subjects,
  fresh: { readonly now: number; readonly newRequestId: () => string }
): ReadonlyArray<Erasure> => {
  const { endpoint, installationIds, sessionIds } = subjects
  const size = Policy.maxErasureSessionsARequest
  const portions = Array.from(
    { length: Math.ceil(sessionIds.length / size) },
    (_, i) => sessionIds.slice(i * size, (i + 1) * size)
  )
  return Array.from({ length: Math.max(installationIds.length, portions.length) }, (_, i): Erasure => ({
    requestId: fresh.newRequestId(),
    endpoint,
    installationId: installationIds[i] ?? null,
    sessionIds: portions[i] ?? [],
    requestedAt: fresh.now,
    attempts: 0,
    nextAttemptAt: null,
    lastError: null
  }))
}

/**
 * What `status` says of requests that wait for their confirmation; null when none does.
 *
 * @since 0.1.0
 * @category models
 */
export interface Waiting {
  readonly pending: number
  readonly requestedAt: number
  readonly nextAttemptAt: number | null
  readonly lastError: string | null
}

/**
 * @since 0.1.0
 * @category conversions
 */
export const waiting = (erasures: ReadonlyArray<Erasure>): Waiting | null => {
  const [first] = erasures
  if (first === undefined) return null
  return {
    pending: erasures.length,
    requestedAt: first.requestedAt,
    nextAttemptAt: first.nextAttemptAt,
    lastError: erasures.reduce<string | null>((error, erasure) => error ?? erasure.lastError, null)
  }
}
