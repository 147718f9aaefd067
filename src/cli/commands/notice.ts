/**
 * The notice of this application, as it is shown before anything is asked.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { originOf } from "../../domain/Consent.js"
import * as Notice from "../../domain/Notice.js"
import { Telemetry } from "../../Telemetry.js"
import { Config } from "../../TelemetryConfig.js"
import { Host } from "../Host.js"

/**
 * @since 0.1.0
 * @category accessors
 */
export const text = Effect.gen(function*() {
  const { app, invocation } = yield* Host
  const { endpoint, events, retention } = yield* Config
  const { dataDir } = yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.status)
  return Notice.text({
    app: app.name,
    events,
    level: "basic",
    origin: originOf(endpoint),
    dataDir,
    retentionMillis: retention === null ? null : Duration.toMillis(retention),
    invocation
  })
})
