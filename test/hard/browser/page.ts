/** The program of the page under test. */
import { type Client, create } from "../../../src/browser/index.js"

declare global {
  interface Window {
    telemetry?: Client
    longest: number
  }
}

window.longest = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration)
}).observe({ type: "longtask", buffered: true })

create({
  app: { name: "shop", version: "1.0.0" },
  endpoint: `${location.origin}/v1/events`,
  apiKey: location.hash.slice(1),
  consent: "granted",
  remote: true,
  level: "basic",
  interval: 500,
  automatic: false,
  retry: { baseDelay: 200, maxDelay: 1_000 }
}).then((client) => {
  window.telemetry = client
  document.documentElement.dataset["ready"] = ""
})
