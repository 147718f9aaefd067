/** Opens telemetry, tracks, and says why it is off. */
import { create } from "effect-telemetry/promise"

const telemetry = await create({
  app: { name: "ax", version: "1.0.0" },
  endpoint: "https://telemetry.example.com/v1/events"
})
for (let n = 0; n < 10; n++) telemetry.track("feature_used", { featureName: "export", enabled: true })
await telemetry.flush()
await telemetry.submitNow()
console.log((await telemetry.status()).reason)
await telemetry.close()
