/**
 * Spans as `span_ended` events: they wait in the durable queue, keep their ids, and reach an OpenTelemetry endpoint through
 * `OtlpTransport` even if it was away when they ended. The tracer of the program goes on as before.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import { ConsentGate } from "../../consent/ConsentGate.js"
import type * as EventDefinition from "../../domain/EventDefinition.js"
import { SpanEnded } from "../../domain/events/Signals.js"
import { Collector } from "../Collector.js"
import * as CauseSummary from "../errors/CauseSummary.js"
import * as SpanTee from "../instruments/SpanTee.js"
import * as Declared from "./Declared.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Which spans; by default all that are sampled. */
  readonly include?: ((name: string, span: Tracer.Span) => boolean) | undefined
}

const list = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> | undefined => items.length === 0 ? undefined : items

const attributes = (span: Tracer.Span): Record<string, unknown> | undefined =>
  span.attributes.size === 0 ? undefined : Object.fromEntries(span.attributes)

const ending = (exit: SpanTee.EndedSpan["exit"]) => {
  if (exit._tag === "Success") return { exit: "success" } as const
  const error = CauseSummary.make(exit.cause)
  if (error === null) return { exit: "failure" } as const
  if (error.kind === "interrupted") return { exit: error.kind }
  return { exit: error.kind, errorType: error.errorType, errorMessage: error.message, stack: error.stack }
}

const data = (
  { end, events, exit, span, start }: SpanTee.EndedSpan
): EventDefinition.Data<typeof SpanEnded> => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: Option.getOrUndefined(span.parent)?.spanId,
  name: span.name,
  kind: span.kind,
  start: String(start),
  end: String(end),
  duration: Number(end - start) / 1e6,
  ...ending(exit),
  attributes: attributes(span),
  events: list(events.map(({ attributes, name, time }) => ({ name, time: String(time), attributes }))),
  links: list(span.links.map((link) => ({
    traceId: link.span.traceId,
    spanId: link.span.spanId,
    attributes: link.attributes
  })))
})

/**
 * Needs `events: Signals.all`. The name of a span is recorded at level enhanced, its attributes, events and links at full.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<never, never, Collector | ConsentGate> =>
  SpanTee.layer(Effect.gen(function*() {
    const collector = yield* Collector
    const gate = yield* ConsentGate
    yield* Declared.warn(SpanEnded)
    const include = options.include ?? (() => true)
    return {
      wants: (span) => gate.unsafeCurrent().enabled && include(span.name, span),
      ended: (span) => {
        collector.unsafeTrack(SpanEnded, data(span))
      }
    }
  }))
