/**
 * Alerts: rules with thresholds, and webhooks that are called when they begin and cease to fire.
 *
 * @since 0.1.0
 */
export { Alerts, layerHttp, test } from "./Alerts.js"
export { type Payload } from "./Payload.js"
export * as Rule from "./Rule.js"
export * as Rules from "./Rules.js"
export { type Outcome, signature } from "./Webhook.js"
