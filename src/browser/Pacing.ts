/**
 * Fibers that give way to the page: after some milliseconds they go on in the next turn. Layers are built by such ones, because
 * everything in them runs for the first time.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import type * as Scheduler from "effect/Scheduler"

/** Far below what a person notices, and few enough turns. */
const budgetMillis = 8

/** Effect's own: no fiber goes on for ever. */
const maxOps = 2_048

/** The clock is not looked at for every step. */
const opsBetweenLooks = 32

/** Once it is told to stop, it is in no hurry to give way: what is begun at the last instant of a page has only that instant. */
const make = (): Scheduler.Scheduler & { readonly stop: () => void } => {
  const tasks: Array<Scheduler.Task> = []
  let began = 0
  let state: "idle" | "waiting" | "running" = "idle"
  let pacing = true

  const isSpent = (): boolean => pacing && performance.now() - began > budgetMillis

  const run = (): void => {
    state = "running"
    began = performance.now()
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      task()
      if (tasks.length > 0 && isSpent()) {
        state = "waiting"
        return void setTimeout(run, 0)
      }
    }
    state = "idle"
  }

  return {
    shouldYield: ({ currentOpCount }) =>
      currentOpCount > maxOps || state === "running" && currentOpCount % opsBetweenLooks === 0 && isSpent() ? 0 : false,
    scheduleTask: (task) => {
      tasks.push(task)
      if (state !== "idle") return
      state = "waiting"
      void Promise.resolve().then(run)
    },
    stop: () => {
      pacing = false
    }
  }
}

/**
 * The same layer, built in turns of the page. What it leaves running is not paced any more once it is built.
 *
 * @since 0.1.0
 * @category combinators
 */
export const paced = <A, E, R>(self: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> =>
  Layer.suspend(() => {
    const scheduler = make()
    const stop = Layer.effectDiscard(Effect.sync(scheduler.stop))
    const built = Layer.provideMerge(stop, self)
    // Until it yields once, a fiber is in the hands of the scheduler it was begun by.
    return Layer.locally(Layer.unwrapEffect(Effect.as(Effect.yieldNow(), built)), FiberRef.currentScheduler, scheduler)
  })
