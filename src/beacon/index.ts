/**
 * Telemetry for a page in a few kilobytes, without Effect and without any dependency. Uncaught errors and Web Vitals are apart, at
 * `effect-telemetry/beacon/Errors` and `effect-telemetry/beacon/Vitals`.
 *
 * @since 0.1.0
 */
export { type Beacon, type Options, start, type Status } from "./Beacon.js"
export type { Reason } from "./Consent.js"
export type { Data, Declarations, Fields, Kind } from "./Events.js"
