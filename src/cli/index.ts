/**
 * The command line: commands to mount in one's own, and the runner of the binary.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 */
export * as Cli from "./Cli.js"

/**
 * @since 0.1.0
 */
export * as CliRuntime from "./CliRuntime.js"

/**
 * @since 0.1.0
 */
export * as Failure from "./Failure.js"

/**
 * @since 0.1.0
 */
export * as CommandTelemetry from "./CommandTelemetry.js"
