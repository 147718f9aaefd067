import * as Effect from "effect/Effect"
import { Chromium, step } from "./chromium.js"

interface Event {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  /** Microseconds of processor time. */
  readonly tdur?: number
  readonly args?: { readonly name?: string; readonly data?: { readonly url?: string } }
}

const loading = new Set(["EvaluateScript", "v8.evaluateModule"])

/** Calls of what the driver of the test brings along are not ours; of a module it is not said whose it is. */
const isOurs = ({ args, name }: Event): boolean =>
  name === "v8.evaluateModule" ||
  (name === "EvaluateScript" || name === "FunctionCall") && args?.data?.url?.endsWith(".js") === true

/** Milliseconds of processor time. */
export interface Longest {
  /** Tasks in which the scripts of a page were loaded, and what they do at once. */
  readonly loading: number
  /** All others in which a script of theirs ran. */
  readonly running: number
}

const longest = (events: ReadonlyArray<Event>): Longest => {
  const mains = new Set(
    events.filter(({ args, name }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`)
  )
  const whole = events.filter(({ ph, pid, tid }) => ph === "X" && mains.has(`${pid} ${tid}`))
  const ours = whole.filter(isOurs)
  const tasks = whole.filter(({ dur = 0, name, pid, ts }) =>
    name === "RunTask" && ours.some((one) => one.pid === pid && one.ts >= ts && one.ts <= ts + dur)
  )
  const loads = ours.filter(({ name }) => loading.has(name))
  const isLoading = ({ dur = 0, pid, ts }: Event): boolean =>
    loads.some((one) => one.pid === pid && one.ts >= ts && one.ts <= ts + dur)
  const most = (of: ReadonlyArray<Event>): number => Math.max(0, ...of.map(({ tdur = 0 }) => tdur / 1_000))
  return { loading: most(tasks.filter(isLoading)), running: most(tasks.filter((task) => !isLoading(task))) }
}

/**
 * The longest tasks of the main threads of pages, by processor time: what else runs on the machine does not count, as it would
 * by the clock. One trace at a time.
 */
export const longestTask = <A, R>(
  self: Effect.Effect<A, never, R>
): Effect.Effect<readonly [A, Longest], never, R | Chromium> =>
  Effect.gen(function*() {
    const browser = yield* Chromium
    const categories = ["-*", "devtools.timeline", "disabled-by-default-devtools.timeline"]
    yield* step("starting a trace", () => browser.startTracing(undefined, { categories }))
    const stop = step("ending a trace", () => browser.stopTracing())
    const value = yield* Effect.onError(self, () => Effect.ignore(stop))
    const { traceEvents }: { readonly traceEvents: ReadonlyArray<Event> } = JSON.parse(String(yield* stop))
    return [value, longest(traceEvents)]
  })
