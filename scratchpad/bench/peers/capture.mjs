// Adapter of the suites capture and oneshot.
import { define, load } from "./_client.mjs"

export const name = "effect-telemetry"
export const kind = "durable"
let telemetry

export async function setup({ mode, project, stateDir, url }) {
  const { create } = await load(project, "promise/index")
  telemetry = await create({
    app: { name: "bench", version: "1.0.0" },
    dataDir: stateDir + "/telemetry",
    endpoint: url + "/v1/events",
    consent: "granted",
    level: "full",
    remote: true,
    profile: "bulk",
    batchSize: 100,
    rateLimit: 1e7,
    burst: 1e6,
    ...(mode === "tuned" ? { interval: 100 } : { interval: 100, retry: { baseDelay: 100, maxDelay: 200 } }),
    events: [await define(project)]
  })
}
export const capture = (event) => telemetry.track("bench_event", event)
export const settle = () => telemetry.flush()
export async function flush() {
  for (;;) {
    const { remaining } = await telemetry.submitNow()
    if (remaining === 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
export const teardown = () => telemetry.close()
