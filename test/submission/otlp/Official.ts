/**
 * The messages as OpenTelemetry itself publishes them: its generated decoder, from `opentelemetry-proto`. What a body says in
 * JSON is put into those messages, into bytes, and back; a member they do not have, or a value they cannot hold, is missing then.
 */
import { createRequire } from "node:module"

interface Codec {
  readonly fromObject: (value: object) => object
  readonly encode: (message: object) => { readonly finish: () => Uint8Array }
  readonly decode: (bytes: Uint8Array) => object
  readonly toObject: (message: object, options: object) => object
}

interface Root {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: Readonly<
        Record<"logs" | "trace" | "metrics", { readonly v1: Readonly<Record<string, Codec>> }>
      >
    }
  }
}

// It comes with OpenTelemetry's exporters, and its types need a library that is not here.
const root: Root = createRequire(import.meta.url)("@opentelemetry/otlp-transformer/build/src/generated/root.js")

const { logs, metrics, trace } = root.opentelemetry.proto.collector

const codecs: Readonly<Record<string, Codec | undefined>> = {
  "/v1/logs": logs.v1["ExportLogsServiceRequest"],
  "/v1/traces": trace.v1["ExportTraceServiceRequest"],
  "/v1/metrics": metrics.v1["ExportMetricsServiceRequest"]
}

const ids = new Set(["traceId", "spanId", "parentSpanId"])

/** Bytes are hexadecimal in OTLP where they are ids, which the general JSON form of protobuf is not. */
const recode = (value: unknown, from: BufferEncoding, to: BufferEncoding): unknown =>
  Array.isArray(value)
    ? value.map((one) => recode(one, from, to))
    : typeof value === "object" && value !== null
    ? Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        ids.has(name) && typeof one === "string" ? Buffer.from(one, from).toString(to) : recode(one, from, to)
      ])
    )
    : value

/** Without what says nothing in protobuf: no list and an empty one are the same there. */
const plain = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(plain)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(
      Object.entries(value).flatMap(([name, one]) =>
        Array.isArray(one) && one.length === 0 ? [] : [[name, plain(one)] as const]
      ).sort(([a], [b]) => a < b ? -1 : 1)
    )
    : value

/** What the messages make of a body; null: there are none for that path. */
export const reread = (path: string, body: object): unknown => {
  const codec = codecs[path]
  if (codec === undefined) return null
  const message = codec.fromObject(recode(body, "hex", "base64") as object)
  const bytes = codec.encode(message).finish()
  return recode(codec.toObject(codec.decode(bytes), { longs: String, bytes: String }), "base64", "hex")
}

export const faults = (path: string, body: object): ReadonlyArray<string> => {
  try {
    const [said, read] = [JSON.stringify(plain(body)), JSON.stringify(plain(reread(path, body)))]
    return said === read ? [] : [`${path}: the messages of OpenTelemetry make ${read} of ${said}`]
  } catch (cause) {
    return [`${path}: ${String(cause)}`]
  }
}
