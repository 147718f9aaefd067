/**
 * The built-in events. Three levels of what they say: basic is names and numbers, enhanced adds what was typed and error
 * messages, redacted and cut, and full adds stacks, contexts and breadcrumbs.
 *
 * @since 0.1.0
 */
import type * as EventDefinition from "./EventDefinition.js"
import { AiOperation, Conversation, ProviderCall, Suggestion } from "./events/Assistant.js"
import { ErrorOccurred, HealthChanged } from "./events/Errors.js"
import { RollupWindow, SubmissionHealth } from "./events/Pipeline.js"
import { Environment, SessionEnded, SessionHeartbeat, SessionStarted, WebVital } from "./events/Session.js"
import { CommandExecuted, FeatureUsed, ParserInvoked, PerformanceMeasured, QueryPerformed } from "./events/Usage.js"

export {
  AiOperation,
  CommandExecuted,
  Conversation,
  Environment,
  ErrorOccurred,
  FeatureUsed,
  HealthChanged,
  ParserInvoked,
  PerformanceMeasured,
  ProviderCall,
  QueryPerformed,
  RollupWindow,
  SessionEnded,
  SessionHeartbeat,
  SessionStarted,
  SubmissionHealth,
  Suggestion,
  WebVital
}

/**
 * Every built-in event, in the order of the catalogue.
 *
 * @since 0.1.0
 * @category constants
 */
export const builtIn: ReadonlyArray<EventDefinition.Any> = [
  CommandExecuted,
  QueryPerformed,
  ParserInvoked,
  ErrorOccurred,
  PerformanceMeasured,
  FeatureUsed,
  AiOperation,
  Conversation,
  ProviderCall,
  Suggestion,
  WebVital,
  HealthChanged,
  SessionStarted,
  SessionHeartbeat,
  SessionEnded,
  Environment,
  SubmissionHealth,
  RollupWindow
]

/**
 * Types of the events that telemetry makes by itself: they say nothing of what a person does.
 *
 * @since 0.1.0
 * @category constants
 */
export const passive: ReadonlySet<string> = new Set<string>([
  SessionStarted.type,
  SessionHeartbeat.type,
  SessionEnded.type,
  Environment.type,
  SubmissionHealth.type,
  HealthChanged.type,
  RollupWindow.type
])
