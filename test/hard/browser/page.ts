/** The program of the page under test. */
import { type Client, create } from "../../../src/browser/index.js"

declare global {
  interface Window {
    telemetry?: Client
    /** Tracks in a task of the page's own; nothing of the test's driver runs in it. */
    record?: (names: ReadonlyArray<string>) => Promise<void>
    /** Opens telemetry once more. */
    reopen?: () => Promise<void>
  }
}

const { endpoint = "", key = "" } = document.documentElement.dataset

const open = () =>
  create({
    app: { name: "shop", version: "1.0.0" },
    endpoint,
    apiKey: key,
    consent: "granted",
    remote: true,
    level: "basic",
    interval: 500,
    automatic: false,
    retry: { baseDelay: 200, maxDelay: 1_000 }
  })

open().then((client) => {
  window.telemetry = client
  window.reopen = async () => {
    window.telemetry = await open()
  }
  window.record = (names) =>
    new Promise((resolve) =>
      setTimeout(() => {
        for (const featureName of names) client.track("feature_used", { featureName, enabled: true })
        resolve()
      })
    )
  document.documentElement.dataset["ready"] = ""
})
