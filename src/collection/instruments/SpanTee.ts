/**
 * Listening to the spans of a program beside the tracer it has, which goes on as before.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"

/**
 * An event of a span.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpanEvent {
  readonly name: string
  /** Nanoseconds since the epoch. */
  readonly time: bigint
  readonly attributes: Readonly<Record<string, unknown>>
}

/**
 * A span that has ended. Times are nanoseconds since the epoch.
 *
 * @since 0.1.0
 * @category models
 */
export interface EndedSpan {
  readonly span: Tracer.Span
  readonly start: bigint
  readonly end: bigint
  readonly exit: Exit.Exit<unknown, unknown>
  /** At most 32, the first ones. */
  readonly events: ReadonlyArray<SpanEvent>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Listener {
  /** Asked when a span begins; one that is not wanted costs nothing more. */
  readonly wants: (span: Tracer.Span) => boolean
  readonly ended: (span: EndedSpan) => void
}

const maxEvents = 32

/** What a listener throws is none of the program's business. */
const quietly = <A>(run: () => A, otherwise: A): A => {
  try {
    return run()
  } catch {
    return otherwise
  }
}

/** The same span to everybody who looks at it, with its end and its events heard on the way. */
const heard = (span: Tracer.Span, ended: Listener["ended"]): Tracer.Span => {
  const start = span.status.startTime
  const events: Array<SpanEvent> = []
  const methods: Pick<Tracer.Span, "end" | "event" | "attribute" | "addLinks"> = {
    end: (end, exit) => {
      span.end(end, exit)
      quietly(() => ended({ span, start, end, exit, events }), undefined)
    },
    event: (name, time, attributes) => {
      span.event(name, time, attributes)
      if (events.length < maxEvents) events.push({ name, time, attributes: attributes ?? {} })
    },
    attribute: (key, value) => span.attribute(key, value),
    addLinks: (links) => span.addLinks(links)
  }
  return new Proxy(span, {
    get: (target, key) => {
      switch (key) {
        case "end":
        case "event":
        case "attribute":
        case "addLinks":
          return methods[key]
        default:
          return Reflect.get(target, key, target)
      }
    }
  })
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (inner: Tracer.Tracer, listener: Listener): Tracer.Tracer =>
  Tracer.make({
    span: (name, parent, context, links, startTime, kind, options) => {
      const span = inner.span(name, parent, context, links, startTime, kind, options)
      return span.sampled && quietly(() => listener.wants(span), false) ? heard(span, listener.ended) : span
    },
    context: (run, fiber) => inner.context(run, fiber)
  })

/**
 * Around the tracer that is in force where the layer is built. Two of them are put one around the other with
 * `Layer.provideMerge`; merged side by side, the one that is built last would be heard alone.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <E, R>(listener: Effect.Effect<Listener, E, R>): Layer.Layer<never, E, R> =>
  Layer.unwrapEffect(
    Effect.zipWith(Effect.tracer, listener, (inner, listener) => Layer.setTracer(make(inner, listener)))
  )
