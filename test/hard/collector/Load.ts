/** Eight clients that send batches until they are told to stop, each again and again until it is acknowledged. */
import * as Crypto from "node:crypto"
import { query, uuid4, uuid7 } from "../../collector/support.js"

const hour = 3_600_000

export interface Load {
  readonly acknowledged: ReadonlySet<string>
  /** How often which status was answered; 0: there was no answer. */
  readonly statuses: ReadonlyMap<number, number>
  /** Answers that refused an event. */
  readonly refused: () => number
  /** No new batch is made; what was begun is sent until it is acknowledged. */
  readonly finish: () => Promise<void>
  /** The clients stop where they are. */
  readonly abandon: () => Promise<void>
}

interface Target {
  readonly urls: () => ReadonlyArray<string>
  /** One for each client. */
  readonly keys: ReadonlyArray<string>
  readonly batchSize?: number
}

export const start = ({ batchSize = 40, keys, urls }: Target): Load => {
  const acknowledged = new Set<string>()
  const statuses = new Map<number, number>()
  const sessions = Array.from({ length: 40 }, uuid4)
  const installations = Array.from({ length: 15 }, uuid4)
  let refused = 0
  const stop = { making: false, sending: false }

  const pick = <A>(all: ReadonlyArray<A>): A => all[Crypto.randomInt(all.length)]!

  const make = () => {
    const time = Date.now() - Crypto.randomInt(3 * hour)
    return query(Crypto.randomInt(500), {
      id: uuid7(time),
      timestamp: time,
      sessionId: pick(sessions),
      installationId: pick(installations),
      sampleRate: pick([1, 0.5, 0.25])
    })
  }

  const send = async (key: string, idempotencyKey: string, body: string): Promise<number> => {
    try {
      const response = await fetch(`${pick(urls())}/v1/events`, {
        method: "POST",
        body,
        headers: { "content-type": "application/json", "x-api-key": key, "idempotency-key": idempotencyKey },
        signal: AbortSignal.timeout(15_000)
      })
      const answer: { readonly rejected?: number } = await response.json()
      if (response.status === 200 && answer.rejected !== 0) refused += 1
      return response.status
    } catch {
      return 0
    }
  }

  const client = async (key: string): Promise<void> => {
    while (!stop.making) {
      const events = Array.from({ length: batchSize }, make)
      const [name, body] = [uuid4(), JSON.stringify({ events })]
      while (!stop.sending) {
        const status = await send(key, name, body)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status === 200) {
          for (const { id } of events) acknowledged.add(String(id))
          break
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  const clients = Promise.all(keys.map(client))
  return {
    acknowledged,
    statuses,
    refused: () => refused,
    finish: async () => {
      stop.making = true
      await clients
    },
    abandon: async () => {
      Object.assign(stop, { making: true, sending: true })
      await clients
    }
  }
}
