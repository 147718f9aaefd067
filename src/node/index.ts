/**
 * Telemetry on Node.
 *
 * @since 0.1.0
 */
export * as GlobalErrors from "./GlobalErrors.js"
export * as NodeResources from "./NodeResources.js"
export { layer, layerForgiving, type Options, type Services, TelemetryLive } from "./TelemetryNode.js"
