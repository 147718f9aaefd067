// The client as shipped, for the harness of the peers: consent read, every redaction rule, level full.
import { pathToFileURL } from "node:url"

export const load = (project, entry) => import(pathToFileURL(`${project}/dist/${entry}.js`).href)

/** The event of the harness, declared as an author would: closed words and figures as they are, everything else redacted. */
export const define = async (project) => {
  const Schema = await import(pathToFileURL(`${project}/node_modules/effect/dist/esm/Schema.js`).href)
  const EventDefinition = await load(project, "domain/EventDefinition")
  const Privacy = await load(project, "domain/Privacy")
  return EventDefinition.make("bench_event", {
    description: "The event of the measuring harness",
    purpose: "Measure",
    fields: {
      id: Privacy.redact(Schema.String),
      type: Privacy.allow(
        Schema.Literal("command_executed", "query_performed", "file_parsed", "error_raised", "metric_sampled", "session_started")
      ),
      ts: Privacy.allow(Schema.Number),
      session: Privacy.redact(Schema.String),
      name: Privacy.redact(Schema.String),
      value: Privacy.allow(Schema.Number),
      props: Privacy.redact(
        Schema.Struct({
          durationMs: Schema.Number,
          exitCode: Schema.Number,
          resultCount: Schema.Number,
          cached: Schema.Boolean,
          language: Schema.String,
          version: Schema.String,
          os: Schema.String,
          node: Schema.String
        })
      )
    }
  })
}

for (const name of Object.keys(process.env)) {
  if (name === "CI" || name === "DO_NOT_TRACK" || name.startsWith("TELEMETRY_")) delete process.env[name]
}
