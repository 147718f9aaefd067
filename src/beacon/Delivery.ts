/**
 * Sends what waits: a batch at a time by one tab at a time, later again where the collector is away, and at once when the page
 * is left. What is sent twice counts once, by its id; so nothing is removed before the collector has answered.
 *
 * @since 0.1.0
 */
import type { Queue, Waiting } from "./Queue.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Delivery {
  /** Sends until nothing waits or the collector is away. Never rejects. */
  readonly flush: () => Promise<void>
  /** Sends in this very turn: there may be no other. */
  readonly leave: () => void
  readonly schedule: () => void
  readonly stop: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Counters {
  sent: number
  rejected: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly endpoint: string
  readonly key: string
  readonly lingerMillis: number
  readonly lock: string | null
  readonly queue: Queue
  /** Under which grants events may be sent; none when off. */
  readonly sendable: () => ReadonlyArray<string>
  readonly counters: Counters
}

/** Browsers let 64 KiB outlive a page. */
const maxBytes = 60_000
const maxDelayMillis = 3_600_000

type Answer = "taken" | "refused" | { readonly retryAfter: number }

const bytes = (text: string): number => new TextEncoder().encode(text).length

const batchOf = (waiting: ReadonlyArray<Waiting>, max: number): ReadonlyArray<Waiting> => {
  let size = 0
  const end = waiting.findIndex(({ text }) => (size += bytes(text) + 1) > maxBytes)
  return waiting.slice(0, Math.max(1, Math.min(max, end < 0 ? max : end)))
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ counters, endpoint, key, lingerMillis, lock, queue, sendable }: Options): Delivery => {
  const inFlight = new Set<string>()
  let failures = 0
  let notBefore = 0
  let largest = Infinity
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | null = null
  let stopped = false

  const waiting = () => queue.all(sendable()).filter(({ id }) => !inFlight.has(id))

  const bodyOf = (batch: ReadonlyArray<Waiting>): string =>
    `{"key":${JSON.stringify(key)},"events":[${batch.map(({ text }) => text).join()}]}`

  const post = async (body: string): Promise<Answer> => {
    try {
      const response = await fetch(endpoint, {
        method: "POST",
        body,
        keepalive: true,
        headers: { "content-type": "text/plain;charset=UTF-8" },
        credentials: "omit",
        referrerPolicy: "no-referrer"
      })
      if (response.ok) {
        const { rejected }: { readonly rejected?: unknown } = await response.json()
        if (typeof rejected === "number") counters.rejected += rejected
        return "taken"
      }
      if ([400, 413, 422].includes(response.status)) return "refused"
      return { retryAfter: Number(response.headers.get("retry-after")) * 1000 || 0 }
    } catch {
      return { retryAfter: 0 }
    }
  }

  const settle = (batch: ReadonlyArray<Waiting>): void => {
    for (const { id } of batch) queue.remove(id)
  }

  /** May the next batch follow at once? */
  const send = async (batch: ReadonlyArray<Waiting>): Promise<boolean> => {
    for (const { id } of batch) inFlight.add(id)
    const answer = await post(bodyOf(batch))
    for (const { id } of batch) inFlight.delete(id)
    if (typeof answer === "object") {
      const delay = Math.min(maxDelayMillis, 1000 * 2 ** failures++) * (0.75 + Math.random() / 2)
      notBefore = Date.now() + Math.max(answer.retryAfter, delay)
      return false
    }
    failures = 0
    if (answer === "taken") {
      counters.sent += batch.length
      settle(batch)
    } else if (batch.length === 1) {
      counters.rejected += 1
      settle(batch)
    } else largest = Math.ceil(batch.length / 2)
    return true
  }

  const drain = async (): Promise<void> => {
    for (;;) {
      const rest = waiting()
      if (stopped || rest.length === 0 || Date.now() < notBefore || !await send(batchOf(rest, largest))) return
    }
  }

  const exclusive = async (): Promise<void> => {
    const locks = lock === null ? undefined : navigator.locks
    if (lock === null || locks === undefined) return drain()
    try {
      await locks.request(lock, { ifAvailable: true }, (held) => held === null ? undefined : drain())
    } catch {
      await drain()
    }
  }

  const schedule = (): void => {
    if (stopped || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void flush()
    }, Math.max(lingerMillis, notBefore - Date.now()))
  }

  const flush = (): Promise<void> =>
    running ??= exclusive().finally(() => {
      running = null
      if (waiting().length > 0) schedule()
    })

  const leave = (): void => {
    const batch = batchOf(waiting(), largest)
    if (stopped || batch.length === 0) return
    if ("keepalive" in Request.prototype) void send(batch)
    else navigator.sendBeacon(endpoint, bodyOf(batch))
  }

  return {
    flush: () => {
      notBefore = 0
      return flush()
    },
    leave,
    schedule,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    }
  }
}
