import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import * as Backend from "../../src/persistence/memory/Backend.js"
import * as Events from "../../src/persistence/memory/Events.js"
import * as Queue from "../../src/persistence/memory/Queue.js"
import type { Settlement, Verdict } from "../../src/persistence/SubmissionQueue.js"
import { sequence, type Subject } from "./run.js"

/** One fault, planted in an implementation that is right. */
type Mutant = (subject: Subject, rows: Backend.Backend) => void

const subjectWith = (mutate: Mutant): Subject => {
  const rows = Backend.make()
  const subject: Subject = {
    store: Events.make(rows),
    queue: Queue.make(rows),
    crash: () => {},
    recount: () => {},
    close: () => {}
  }
  mutate(subject, rows)
  return subject
}

const all = (rows: Backend.Backend) => [...rows.destinations.values()]

const withVerdicts = (settlement: Settlement, f: (verdict: Verdict) => Verdict): Settlement => ({
  ...settlement,
  verdicts: new Map([...settlement.verdicts].map(([seq, verdict]) => [seq, f(verdict)]))
})

const onSettle = (f: (settlement: Settlement) => Settlement): Mutant => (subject) => {
  const { queue } = subject
  subject.queue = { ...queue, settle: (settlement) => queue.settle(f(settlement)) }
}

const mutants: Readonly<Record<string, Mutant>> = {
  "acknowledged before it is committed": (subject) => {
    const { queue } = subject
    subject.queue = {
      ...queue,
      claim: (request) =>
        Effect.tap(queue.claim(request), (batch) =>
          batch === null ? Effect.void : Effect.gen(function*() {
            const verdicts = new Map(batch.events.map(({ seq }) => [seq, { _tag: "Delivered" } as const]))
            const state = yield* queue.state(batch.destination)
            yield* queue.settle({
              batch,
              owner: request.owner,
              now: request.now,
              verdicts,
              groups: [],
              state,
              stats: {}
            })
          }))
    }
  },
  "an attempt charged for a release": onSettle((settlement) =>
    withVerdicts(
      settlement,
      (verdict) => verdict._tag === "Release" ? { _tag: "Retry", dueAt: settlement.now, error: "" } : verdict
    )
  ),
  "no lease check when settling": (subject, rows) => {
    const { queue } = subject
    subject.queue = {
      ...queue,
      settle: (settlement) => {
        const place = rows.destinations.get(settlement.batch.destination)
        for (const batch of place?.batches.values() ?? []) {
          if (batch.owner === null || !settlement.batch.events.some(({ seq }) => batch.members.has(seq))) continue
          return queue.settle({ ...settlement, owner: batch.owner, batch: { ...settlement.batch, id: batch.id } })
        }
        return queue.settle(settlement)
      }
    }
  },
  "a lease that never ends": (subject, rows) => {
    const { queue } = subject
    subject.queue = {
      ...queue,
      claim: (request) =>
        Effect.suspend(() => {
          for (const { batches } of all(rows)) for (const batch of batches.values()) batch.until = Infinity
          return queue.claim({ ...request, isGone: () => false })
        })
    }
  },
  "a term of the ledger forgotten": (subject, rows) => {
    const { queue } = subject
    subject.queue = {
      ...queue,
      purge: (id, ids) =>
        Effect.tap(queue.purge(id, ids), () => {
          Backend.destination(rows, id).ledger.delete("dropped:purged")
        })
    }
  },
  "the newest make room instead of the oldest": (subject, rows) => {
    const { store } = subject
    subject.store = {
      ...store,
      append: (group) =>
        Effect.map(store.append({ ...group, queueLimit: Infinity }), (result) => {
          let overflowed = 0
          for (const id of group.destinations) {
            const place = Backend.destination(rows, id)
            const free = [...place.entries.values()].filter((e) => e.kind === "waiting" && !Backend.isLeased(e))
            for (const entry of free.slice(group.queueLimit)) {
              Backend.remove(place, entry, "dropped:overflow")
              overflowed++
            }
          }
          return { ...result, overflowed, waiting: Math.min(result.waiting, group.queueLimit) }
        })
    }
  },
  "the key of a batch not kept": (subject, rows) => {
    const { queue } = subject
    subject.queue = {
      ...queue,
      claim: (request) =>
        Effect.suspend(() => {
          for (const { batches } of all(rows)) for (const batch of batches.values()) batch.key = null
          return queue.claim(request)
        })
    }
  },
  "dead letters thrown away in silence": onSettle((settlement) =>
    withVerdicts(settlement, (verdict) => verdict._tag === "Bury" ? { _tag: "Delivered" } : verdict)
  ),
  "what was withheld back in the queue": (subject, rows) => {
    const { queue } = subject
    subject.queue = {
      ...queue,
      withhold: (id, sendable) =>
        Effect.tap(queue.withhold(id, sendable), () => {
          const place = Backend.destination(rows, id)
          for (const entry of place.entries.values()) {
            if (entry.kind !== "withheld" || !sendable.has(rows.events.get(entry.seq)!.context.epoch)) continue
            Backend.change(place, entry, (one) => one.kind = "waiting")
          }
        })
    }
  },
  "clearing leaves rows of the queue": (subject, rows) => {
    const { store } = subject
    subject.store = {
      ...store,
      clear: Effect.suspend(() => {
        const kept = all(rows).map((place) => [place, [...place.entries].slice(-1)] as const)
        return Effect.tap(store.clear, () => {
          for (const [place, entries] of kept) {
            for (const [seq, entry] of entries) {
              place.entries.set(seq, entry)
              Backend.add(place.ledger, "dropped:cleared", -1)
              Backend.add(place.ledger, Backend.stateOf(entry), 1)
            }
          }
        })
      })
    }
  },
  "retention removes what is in flight": (subject, rows) => {
    const { store } = subject
    subject.store = {
      ...store,
      expire: (request) =>
        Effect.suspend(() => {
          for (const { batches } of all(rows)) for (const batch of batches.values()) batch.owner = null
          return store.expire(request)
        })
    }
  },
  "a clock put back parks everything": (subject, rows) => {
    const { queue } = subject
    subject.queue = {
      ...queue,
      claim: (request) =>
        Effect.suspend(() => {
          for (const place of all(rows)) place.clock = 0
          return queue.claim(request)
        })
    }
  }
}

const seeds = Array.from({ length: 60 }, (_, i) => i + 1)

const fails = (mutate: Mutant): number | null => {
  for (const seed of seeds) {
    try {
      sequence(subjectWith(mutate), seed, 50, new Map())
    } catch {
      return seed
    }
  }
  return null
}

describe("the property notices", () => {
  it("nothing where nothing is wrong", () => {
    expect(fails(() => {})).toBeNull()
  })

  for (const [name, mutate] of Object.entries(mutants)) {
    it(name, () => {
      expect(fails(mutate)).not.toBeNull()
    })
  }
})
