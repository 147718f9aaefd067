// The shipped client with nobody having consented.
import { define, load } from "./peers/_client.mjs"
export const name = "effect-telemetry, off"
let telemetry
export async function setup({ project, stateDir, url }) {
  const { create } = await load(project, "promise/index")
  telemetry = await create({
    app: { name: "bench", version: "1.0.0" },
    dataDir: stateDir + "/off",
    endpoint: url + "/v1/events",
    events: [await define(project)]
  })
}
export const capture = (event) => telemetry.track("bench_event", event)
export const settle = async () => {}
export const flush = async () => {}
export const teardown = () => telemetry.close()
