/**
 * Telemetry in a page: layers for applications with Effect, and `create` for all others.
 *
 * @since 0.1.0
 */
export { BrowserTelemetryLive, layer, type Options, type Services } from "./BrowserTelemetry.js"
export { type Client, create, type CreateOptions } from "./Client.js"
