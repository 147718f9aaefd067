import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { type ConsentedEvent, unsafeConsented, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import * as Compression from "../../src/submission/Compression.js"
import * as Endpoint from "../../src/submission/Endpoint.js"
import type * as Http from "../../src/submission/Http.js"
import * as HttpTransport from "../../src/submission/HttpTransport.js"
import type { Batch, Service } from "../../src/submission/Transport.js"

export const key = "key-0123456789abcdef"

const context = {
  sessionId: "550e8400-e29b-41d4-a716-446655440000",
  installationId: null,
  app: { name: "ax", version: "2.0.0" },
  epoch: "7d444840-9dc0-41d1-b245-5ffdce74fad2",
  level: "basic" as const,
  remote: true
}

export const event = (n: number, data = "{\"featureName\":\"f\",\"enabled\":true}"): ConsentedEvent =>
  unsafeConsented(unsafeRedacted({
    id: `0197f3c2-0000-7000-8000-${n.toString(16).padStart(12, "0")}`,
    type: "feature_used",
    time: 1_699_390_800_000 + n,
    data,
    rate: 1,
    suppressed: 0,
    context
  }))

export const batch = (size: number, from = 0): Batch => ({
  key: `9b2d1c70-0000-4000-8000-${from.toString(16).padStart(12, "0")}`,
  events: Array.from({ length: size }, (_, i) => event(from + i))
})

export const endpoint = (text: string): Endpoint.Endpoint => Either.getOrThrow(Endpoint.parse(text))

export const transport = (
  address: string,
  http: Http.Service,
  options: Partial<HttpTransport.Options> = {}
): Service =>
  HttpTransport.make({
    endpoint: endpoint(address),
    apiKey: Redacted.make(key),
    timeout: Duration.seconds(30),
    http,
    compression: Compression.none,
    ...options
  })
