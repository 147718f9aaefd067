/**
 * What kept the page busy and what it loaded, in sums: long tasks, and resources by what asked for them. Never an address.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Measurement, Performance } from "../collection/Performance.js"
import { ConsentGate } from "../consent/ConsentGate.js"
import * as Level from "../domain/Level.js"
import * as Observer from "./Observer.js"

/** As browsers name them; anything else counts as `other`. */
const initiators: ReadonlySet<string> = new Set([
  "audio",
  "beacon",
  "css",
  "fetch",
  "iframe",
  "img",
  "link",
  "script",
  "track",
  "video",
  "xmlhttprequest"
])

const isResource = (entry: PerformanceEntry): entry is PerformanceResourceTiming => "initiatorType" in entry

/** Of one kind: how many, and how much of the unit. */
interface Sum {
  count: number
  total: number
}

const make = Effect.gen(function*() {
  const gate = yield* ConsentGate
  const performance = yield* Performance
  const resources = new Map<string, Sum>()
  const tasks: Sum = { count: 0, total: 0 }

  const isOn = (): boolean => {
    const { enabled, level } = gate.unsafeCurrent()
    return enabled && Level.includes(level, "enhanced")
  }

  const add = (sum: Sum, amount: number): void => {
    sum.count += 1
    sum.total += amount
  }

  const addResource = ({ initiatorType, transferSize }: PerformanceResourceTiming): void => {
    const kind = initiators.has(initiatorType) ? initiatorType : "other"
    const sum = resources.get(kind) ?? { count: 0, total: 0 }
    resources.set(kind, sum)
    add(sum, transferSize)
  }

  const measurements = (): ReadonlyArray<Measurement> => [
    ...(tasks.count === 0 ? [] : [
      { metricName: "page.long_tasks", value: tasks.count, unit: "count" } as const,
      { metricName: "page.long_task_time", value: tasks.total, unit: "ms" } as const
    ]),
    ...[...resources].flatMap(([kind, { count, total }]) => [
      { metricName: `page.resources.${kind}`, value: count, unit: "count" } as const,
      { metricName: `page.resource_bytes.${kind}`, value: total, unit: "bytes" } as const
    ])
  ]

  const report = (): void => {
    if (isOn()) { for (const measurement of measurements()) performance.unsafeRecord(measurement, "passive") }
    resources.clear()
    tasks.count = tasks.total = 0
  }

  yield* Effect.addFinalizer(() => Effect.sync(report))
  yield* Observer.listen(document, "visibilitychange", () => {
    if (document.visibilityState === "hidden") report()
  })
  yield* Observer.observe("longtask", (entries) => {
    for (const { duration } of entries) add(tasks, duration)
  })
  yield* Observer.observe("resource", (entries) => entries.filter(isResource).forEach(addResource))
})

/**
 * Records `page.long_tasks`, `page.long_task_time`, and `page.resources.…` and `page.resource_bytes.…` by initiator type, at
 * level enhanced or above, whenever the page is hidden and when the scope closes. A session is not kept alive by it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, Performance | ConsentGate> = Layer.scopedDiscard(make)
