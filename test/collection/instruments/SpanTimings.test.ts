import { describe, expect, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import * as SpanTee from "../../../src/collection/instruments/SpanTee.js"
import * as SpanTimings from "../../../src/collection/instruments/SpanTimings.js"
import * as EventCatalog from "../../../src/domain/EventCatalog.js"
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"

class Refused extends Data.TaggedError("Refused")<{}> {}

const measured = TelemetryTest.events(EventCatalog.PerformanceMeasured)

const bridge = (options: Partial<SpanTimings.Options> = {}) =>
  SpanTimings.layer({ include: (name) => name.startsWith("job."), ...options })

/** A tracer that remembers what it was told. */
const recording = () => {
  const told: Array<string> = []
  const native = Effect.runSync(Effect.tracer)
  const tracer = Tracer.make({
    span: (...args) => {
      const span = native.span(...args)
      told.push(`begin ${args[0]}`)
      const { end, event } = span
      return Object.assign(span, {
        end: (...ending: Parameters<Tracer.Span["end"]>) => {
          told.push(`end ${args[0]} ${ending[1]._tag}`)
          end.apply(span, ending)
        },
        event: (...given: Parameters<Tracer.Span["event"]>) => {
          told.push(`event ${given[0]}`)
          event.apply(span, given)
        }
      })
    },
    context: (run) => {
      if (!told.includes("context")) told.push("context")
      return run()
    }
  })
  return { told, tracer }
}

describe("SpanTimings", () => {
  it.effect("a chosen span is measured when it ends, by its name, in milliseconds", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("250 millis").pipe(
        Effect.withSpan("job.load", { attributes: { table: "t", secret: "s" } })
      )
      yield* Effect.withSpan(Effect.void, "other")
      expect(yield* measured).toEqual([
        { metricName: "job.load", value: 250, unit: "ms", context: { table: "t", exit: "success" } }
      ])
    }).pipe(Effect.provide(bridge({ attributes: ["table", "absent"] }).pipe(Layer.provideMerge(TelemetryTest.layer)))))

  it.effect("how it ended is in the context: failure by tag, defect, interruption", () =>
    Effect.gen(function*() {
      yield* Effect.withSpan(new Refused(), "job.a").pipe(Effect.exit)
      yield* Effect.withSpan(Effect.die(new TypeError("bug")), "job.b").pipe(Effect.exit)
      yield* Effect.withSpan(Effect.interrupt, "job.c").pipe(Effect.exit)
      expect((yield* measured).map(({ context }) => context)).toEqual([
        { exit: "failure", errorType: "Refused" },
        { exit: "defect", errorType: "TypeError" },
        { exit: "interrupted" }
      ])
    }).pipe(Effect.provide(bridge().pipe(Layer.provideMerge(TelemetryTest.layer)))))

  it.effect("the tracer of the program sees everything as before, and its spans stay what they are", () => {
    const { told, tracer } = recording()
    return Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const span = yield* Effect.currentSpan
        yield* Effect.annotateCurrentSpan("n", 1)
        span.event("tick", 0n)
        expect(span.attributes.get("n")).toBe(1)
        expect(span._tag).toBe("Span")
        const child = yield* Effect.makeSpan("job.child")
        expect(child.parent).toMatchObject({ value: { spanId: span.spanId, traceId: span.traceId } })
      }).pipe(Effect.withSpan("job.load"))
      yield* Effect.withSpan(Effect.void, "other")
      expect(told.filter((word) => word !== "context")).toEqual([
        "begin job.load",
        "event tick",
        "begin job.child",
        "end job.load Success",
        "begin other",
        "end other Success"
      ])
      expect(told).toContain("context")
      expect((yield* measured).map(({ metricName }) => metricName)).toEqual(["job.load"])
    }).pipe(
      Effect.provide(
        bridge().pipe(Layer.provideMerge(Layer.setTracer(tracer)), Layer.provideMerge(TelemetryTest.layer))
      )
    )
  })

  it.effect("two of them, one around the other, are both heard; one that throws harms nobody", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const listener = (word: string) =>
        SpanTee.layer(Effect.succeed({
          wants: () => true,
          ended: ({ span }) => void seen.push(`${word} ${span.name}`)
        }))
      const broken = SpanTee.layer(Effect.succeed({
        wants: () => true,
        ended: () => {
          throw new Error("listener")
        }
      }))
      const exit = yield* Effect.withSpan(Effect.succeed(1), "work").pipe(
        Effect.provide(listener("outer").pipe(Layer.provideMerge(broken), Layer.provideMerge(listener("inner")))),
        Effect.exit
      )
      expect(exit).toMatchObject({ _tag: "Success", value: 1 })
      expect(seen).toEqual(["inner work", "outer work"])
    }))

  it.effect("while telemetry is off spans are left alone", () =>
    Effect.gen(function*() {
      yield* Effect.withSpan(Effect.void, "job.load")
      expect(yield* measured).toEqual([])
    }).pipe(Effect.provide(bridge().pipe(Layer.provideMerge(TelemetryTest.layerWith({ level: null }))))))
})
