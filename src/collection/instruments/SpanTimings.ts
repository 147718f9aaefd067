/**
 * Chosen spans as performance events: how long each took, under its name. The tracer of the program goes on as before.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Tracer from "effect/Tracer"
import { ConsentGate } from "../../consent/ConsentGate.js"
import { PerformanceMeasured } from "../../domain/EventCatalog.js"
import { Collector } from "../Collector.js"
import * as Ending from "../performance/Ending.js"
import * as SpanTee from "./SpanTee.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Which spans, by their name. There is no default: a program may have thousands a second. */
  readonly include: (name: string, span: Tracer.Span) => boolean
  /** The attributes of a span that go into the context of its event. None by default. */
  readonly attributes?: ReadonlyArray<string> | undefined
}

const chosen = (span: Tracer.Span, names: ReadonlyArray<string>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(names.filter((name) => span.attributes.has(name)).map((name) => [name, span.attributes.get(name)]))

/**
 * `performance_measured` for each chosen span when it ends: in milliseconds, with `exit` (success, failure, defect or
 * interrupted) and the tag of the error in the context.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<never, never, Collector | ConsentGate> =>
  SpanTee.layer(Effect.gen(function*() {
    const collector = yield* Collector
    const gate = yield* ConsentGate
    return {
      wants: (span) => gate.unsafeCurrent().enabled && options.include(span.name, span),
      ended: ({ end, exit, span, start }) => {
        collector.unsafeTrack(PerformanceMeasured, {
          metricName: span.name,
          value: Number(end - start) / 1e6,
          unit: "ms",
          context: { ...chosen(span, options.attributes ?? []), ...Ending.of(exit) }
        })
      }
    }
  }))
