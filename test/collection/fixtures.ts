import * as Duration from "effect/Duration"
import type * as Consent from "../../src/domain/Consent.js"
import type { Level } from "../../src/domain/Level.js"
import { type EventContext, type RedactedEvent, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import type { TelemetryConfig } from "../../src/TelemetryConfig.js"

export const config: TelemetryConfig = {
  app: { name: "test", version: "1.0.0" },
  policyVersion: 1,
  events: [],
  destinations: ["default"],
  endpoint: null,
  apiKey: null,
  profile: "standard",
  maxLevel: null,
  interval: Duration.seconds(30),
  batchSize: 100,
  batchBytes: 1_000_000,
  rateLimit: 1_000,
  burst: 200,
  timeout: Duration.seconds(30),
  maxRetries: 5,
  retry: { baseDelay: Duration.seconds(1), maxDelay: Duration.hours(1), jitterFactor: 0.25, schedule: null },
  shutdownDeadline: null,
  queueLimit: 10_000,
  retention: null,
  rollupRetention: null,
  aggregate: [],
  maxStoreBytes: null,
  bufferSize: 10,
  linger: Duration.millis(50),
  overflow: "drop-newest",
  worker: false,
  automatic: true,
  debug: false
}

export const context = (over: Partial<EventContext> = {}): EventContext => ({
  sessionId: "00000000-0000-4000-8000-000000000001",
  installationId: null,
  app: config.app,
  epoch: "00000000-0000-4000-8000-00000000000a",
  level: "basic",
  remote: true,
  ...over
})

export const shared = context()

export const event = (n: number, over: Partial<RedactedEvent> = {}): RedactedEvent =>
  unsafeRedacted({
    id: `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`,
    type: "probe",
    time: n,
    data: `{"n":${n}}`,
    rate: 1,
    suppressed: 0,
    context: shared,
    ...over
  })

export const granted = (level: Level = "basic", epoch = shared.epoch): Consent.Effective => {
  const value: Consent.Epoch = {
    id: epoch,
    policyVersion: 1,
    level,
    remote: true,
    origin: "https://telemetry.example.com",
    grantedAt: 0,
    remoteEndedAt: null
  }
  return {
    enabled: true,
    reason: "consented",
    level,
    remote: true,
    epoch: value,
    optedOutAt: null,
    installationId: level === "basic" ? null : "00000000-0000-4000-8000-0000000000ff",
    sendable: new Map([[epoch, value]])
  }
}

export const off: Consent.Effective = {
  enabled: false,
  reason: "opted-out",
  level: "basic",
  remote: false,
  epoch: null,
  optedOutAt: 1,
  installationId: null,
  sendable: new Map()
}
