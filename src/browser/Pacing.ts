/**
 * Fibers that give way to the page: after some milliseconds they go on in the next turn. Layers are built by such ones, because
 * everything in them runs for the first time.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Scheduler from "effect/Scheduler"

/** Far below what a person notices, and few enough turns. */
const budgetMillis = 8

/** The clock is not looked at for every step. */
const opsBetweenLooks = 32

/** Once it is told to stop, Effect's own one does the work. */
const make = (): Scheduler.Scheduler & { readonly stop: () => void } => {
  const tasks: Array<Scheduler.Task> = []
  let began = 0
  let state: "idle" | "waiting" | "running" = "idle"
  let stopped = false

  const isSpent = (): boolean => performance.now() - began > budgetMillis

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
    shouldYield: (fiber) =>
      !stopped && state === "running" && fiber.currentOpCount % opsBetweenLooks === 0 && isSpent()
        ? 0
        : Scheduler.defaultScheduler.shouldYield(fiber),
    scheduleTask: (task, priority, fiber) => {
      if (stopped) return Scheduler.defaultScheduler.scheduleTask(task, priority, fiber)
      tasks.push(task)
      if (state !== "idle") return
      state = "waiting"
      void Promise.resolve().then(run)
    },
    stop: () => {
      stopped = true
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
