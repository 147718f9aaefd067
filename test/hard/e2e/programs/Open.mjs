// How the programs of the tests open telemetry: consent granted by the application, everything on, figures from the test.
import { create } from "effect-telemetry/promise"

const { DATA_DIR, ENDPOINT, OPTIONS = "{}" } = process.env

export const open = (options = {}) =>
  create({
    app: { name: "hard", version: "1.0.0" },
    dataDir: DATA_DIR,
    endpoint: ENDPOINT,
    profile: "bulk",
    level: "full",
    remote: true,
    consent: "granted",
    automatic: false,
    ...options,
    ...JSON.parse(OPTIONS)
  })

export const feature = (telemetry, featureName) => telemetry.track("feature_used", { featureName, enabled: true })
