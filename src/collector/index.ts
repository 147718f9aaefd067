/**
 * The collector: the server that a team runs to receive events. For Node.
 *
 * @since 0.1.0
 */
export * as Alerts from "./alerts/index.js"
export { Collector, layer, type Options, serve, type Services } from "./Collector.js"
export * as CollectorConfig from "./CollectorConfig.js"
export { DatabaseError, layerDatabase, urlFrom } from "./Database.js"
export * as Erasure from "./Erasure.js"
export * as EventExport from "./EventExport.js"
export * as Jobs from "./Jobs.js"
export * as Keys from "./Keys.js"
export * as Limits from "./Limits.js"
export * as Operations from "./Operations.js"
export * as Retention from "./Retention.js"
export * as Rollups from "./Rollups.js"
