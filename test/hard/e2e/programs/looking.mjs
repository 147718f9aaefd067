/** Stays off for as long as it takes to look at the consent record some twenty times, and says why it is off. */
import { create } from "effect-telemetry/promise"

const telemetry = await create({ app: { name: "ax", version: "1.0.0" }, interval: 10 })
for (let n = 0; n < 20; n++) {
  telemetry.track("feature_used", { featureName: "export", enabled: true })
  await new Promise((resolve) => setTimeout(resolve, 15))
}
console.log((await telemetry.status()).reason)
await telemetry.close()
