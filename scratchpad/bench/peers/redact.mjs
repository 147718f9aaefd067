// Adapter of the suite redact: event object in, JSON text out, as `track` does it.
import { define, load } from "./_client.mjs"

export const name = "effect-telemetry"
let encoder

export async function setup({ project }) {
  const Encoder = await load(project, "collection/Encoder")
  const Redaction = await load(project, "collection/Redaction")
  encoder = Encoder.make(await define(project), Redaction.make(), (text) => text)
}
export const redact = (event) => encoder.encode(event, "full").json
