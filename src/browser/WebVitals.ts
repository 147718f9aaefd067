/**
 * Web Vitals of the page: how fast and how steady it was, as `web_vital`. Metric, value and rating; nothing of what it shows.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals"
import { Collector } from "../collection/Collector.js"
import { WebVital } from "../domain/EventCatalog.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import * as Observer from "./Observer.js"

type Data = EventDefinition.Data<typeof WebVital>

const isFirstInput = (entry: PerformanceEntry): entry is PerformanceEventTiming => "processingStart" in entry

/** The library gave it up with its thresholds; these were the last. */
const firstInput = (delay: number): Data => ({
  metric: "FID",
  value: delay,
  rating: delay <= 100 ? "good" : delay <= 300 ? "needs-improvement" : "poor"
})

const make = Effect.gen(function*() {
  const collector = yield* Collector
  let open = true
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      open = false
    })
  )
  const record = (data: Data): void => {
    if (open) collector.unsafeTrack(WebVital, data, "passive")
  }
  const report = ({ name, rating, value }: Metric): void => record({ metric: name, value, rating })
  for (const observe of [onCLS, onFCP, onINP, onLCP, onTTFB]) observe(report)
  yield* Observer.observe("first-input", (entries) => {
    for (const entry of entries.filter(isFirstInput)) record(firstInput(entry.processingStart - entry.startTime))
  })
})

/**
 * Records each once it is final: LCP at the first input, CLS and INP when the page is hidden; again after a page came back
 * from the back/forward cache. FID is there where the browser still gives it. The library's own observers last as long as the
 * page; after the scope has closed nothing is recorded of what they say.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, Collector> = Layer.scopedDiscard(make)
