/**
 * Testing kit: telemetry in memory with typed assertions, a collector and a transport that misbehave on demand. It belongs to no
 * test runner.
 *
 * @since 0.1.0
 */
export * as FakeCollector from "./FakeCollector.js"
export * as FakeHttp from "./FakeHttp.js"
export * as Fault from "./Fault.js"
export * as ScriptedTransport from "./ScriptedTransport.js"
export * as TelemetryTest from "./TelemetryTest.js"
