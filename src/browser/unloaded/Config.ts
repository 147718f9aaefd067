/**
 * The configuration of a telemetry that could not be loaded: nothing in it is ever used, because nothing is done.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { TelemetryConfig } from "../../TelemetryConfig.js"
import type { Options } from "../Composed.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const app = { name: "effect-telemetry", version: "" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): TelemetryConfig => ({
  app: options.app ?? app,
  policyVersion: options.policyVersion ?? 1,
  events: options.events ?? [],
  destinations: ["default"],
  endpoint: options.endpoint ?? null,
  apiKey: null,
  profile: "standard",
  maxLevel: options.maxLevel ?? null,
  interval: Duration.infinity,
  batchSize: 0,
  batchBytes: 0,
  rateLimit: 0,
  burst: 0,
  timeout: Duration.zero,
  maxRetries: 0,
  retry: { baseDelay: Duration.infinity, maxDelay: Duration.infinity, jitterFactor: 0, schedule: null },
  shutdownDeadline: null,
  queueLimit: 0,
  retention: null,
  rollupRetention: null,
  maxStoreBytes: null,
  aggregate: [],
  bufferSize: 0,
  linger: Duration.zero,
  overflow: "drop-newest",
  worker: false,
  automatic: false,
  debug: false
})
