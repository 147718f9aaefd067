/**
 * The events of a session that nobody has to track: its beginning with the machine it runs on, its heartbeats, its end.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConsentGate } from "../consent/ConsentGate.js"
import { Environment, SessionEnded, SessionHeartbeat, SessionStarted } from "../domain/EventCatalog.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import { Collector } from "./Collector.js"
import { HostEnvironment } from "./HostEnvironment.js"
import { Session, type Summary } from "./Session.js"

const make = Effect.gen(function*() {
  const gate = yield* ConsentGate
  const collector = yield* Collector
  const session = yield* Session
  const host = yield* HostEnvironment
  const live = yield* Effect.makeLatch(false)
  /** The session whose beginning was recorded. */
  let begun: string | null = null

  const resume = (): void => {
    if (!session.isResumed) return
    begun = session.unsafeContext().sessionId
    live.unsafeOpen()
  }

  const begin = (): void => {
    const { sessionId } = session.unsafeContext()
    if (!gate.unsafeCurrent().enabled || begun === sessionId) return
    begun = sessionId
    collector.unsafeTrack(SessionStarted, {})
    collector.unsafeTrack(Environment, host)
    live.unsafeOpen()
  }

  const end = (summary: Summary): void => {
    if (begun === session.unsafeContext().sessionId) collector.unsafeTrack(SessionEnded, summary)
  }

  const beat = Effect.map(Clock.currentTimeMillis, (now) => {
    if (!gate.unsafeCurrent().enabled || session.unsafeEndIfIdle(now)) return live.unsafeClose()
    const { duration, events } = session.unsafeSummary()
    collector.unsafeTrack(SessionHeartbeat, { duration, events })
  })

  session.unsafeListen({ ended: end, started: begin })
  resume()
  begin()

  yield* gate.follow(() => Effect.sync(begin)).pipe(
    Effect.interruptible,
    Effect.forkScoped
  )
  yield* live.await.pipe(
    Effect.zipRight(Effect.sleep(Policy.heartbeatMillis)),
    Effect.zipRight(beat),
    Effect.forever,
    Effect.interruptible,
    Effect.forkScoped
  )
  yield* Effect.addFinalizer(() =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      if (!session.unsafeEndIfIdle(now) && !session.isRemembered) end(session.unsafeSummary())
    })
  )
})

/**
 * Nothing unless the configuration says `automatic`. There is a timer only while a session is alive: an idle one ends, and
 * the next event begins another. The end is recorded when the scope closes, before the intake does, unless the session may go
 * on without it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, Collector | ConsentGate | Session | Config | HostEnvironment> = Layer
  .scopedDiscard(Effect.flatMap(Config, (config) => config.automatic ? make : Effect.void))
