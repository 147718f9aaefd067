/**
 * The retry table: every outcome, in every situation that matters, and what follows. This file is the specification: one line
 * a row. Events are written with one letter each, in the order of the queue.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Outcome from "../../src/domain/Outcome.js"
import type { Rejection } from "../../src/domain/Outcome.js"
import * as Decision from "../../src/scheduling/Decision.js"

interface Situation {
  /** One letter an event; `b2` has been charged two attempts. */
  readonly batch: string
  readonly faults?: number
  readonly healthy?: boolean
  readonly maxRetries?: number
}

type Row = readonly [title: string, situation: Situation, outcome: Outcome.Outcome, follows: ReadonlyArray<string>]

const context = ({ batch, faults = 0, healthy = false, maxRetries = 5 }: Situation): Decision.Context => ({
  events: batch.split(" ").map((name, i) => ({
    seq: i + 1,
    id: name.charAt(0),
    attempts: Number(name.slice(1) || "0")
  })),
  faults,
  healthy,
  maxRetries
})

/** `deliver a b`, `release c`, `retry d #0` (the place in the schedule), `bury e`, then groups, then the destination. */
const written = (decision: Decision.Decision, situation: Situation): ReadonlyArray<string> => {
  const { events } = context(situation)
  const name = (seq: number): string => events.find((event) => event.seq === seq)!.id
  const of = (tag: Decision.Fate["_tag"]): ReadonlyArray<string> =>
    [...decision.fates].filter(([, fate]) => fate._tag === tag).map(([seq, fate]) =>
      name(seq) + (fate._tag === "Retry" ? ` #${fate.attempt}` : "")
    )
  const line = (verb: string, names: ReadonlyArray<string>) => names.length === 0 ? [] : [`${verb} ${names.join(" ")}`]
  const to = decision.destination
  return [
    ...line("deliver", of("Delivered")),
    ...line("release", of("Release")),
    ...line("retry", of("Retry")),
    ...line("bury", of("Bury")),
    ...decision.groups.map((group) =>
      `${group.keepsKey ? "same batch" : "new batch"} ${group.seqs.map(name).join(" ")}` +
      (group.faults === 0 ? "" : `, faults ${group.faults}`)
    ),
    to._tag === "BackOff" && to.retryAfter !== null
      ? `back off, not before ${Duration.toSeconds(to.retryAfter)} s`
      : { Healthy: "healthy", Answered: "answered", BackOff: "back off", Pause: "pause" }[to._tag],
    ...(decision.lost ? [`lost ${decision.lost}`] : [])
  ]
}

const accepted = Outcome.Accepted({ duplicates: 0 })
const rejected = (id: string, retryable: boolean): Rejection => ({ id, reason: `no ${id}`, retryable })
const partly = (accepted: number, refused: number, rejections: ReadonlyArray<Rejection> = []) =>
  Outcome.PartlyAccepted({ accepted, rejected: refused, rejections, duplicates: 0 })
const gone = (ambiguous: boolean, reason: Outcome.UnreachableReason = "timeout") =>
  Outcome.Unreachable({ reason, ambiguous, message: "away" })
const busy = (status: number, seconds?: number) =>
  Outcome.Unavailable({ status, retryAfter: seconds === undefined ? null : Duration.seconds(seconds), message: "busy" })
const fault = (seconds?: number) =>
  Outcome.Faulted({
    status: 500,
    retryAfter: seconds === undefined ? null : Duration.seconds(seconds),
    message: "broken"
  })
const refused = (status: number) => Outcome.ContentRefused({ status, message: "bad content" })
const wrong = (status: number | null, reason: "status" | "redirect" | "certificate" | "endpoint" = "status") =>
  Outcome.Misconfigured({ status, reason, message: "set up wrongly" })

const settled = (accepted: number, rejected: number) => Outcome.Settled({ accepted, rejected, message: "some refused" })
const divided = (...parts: ReadonlyArray<readonly [ids: string, outcome: Outcome.Outcome]>) =>
  Outcome.Divided({ parts: parts.map(([ids, outcome]) => ({ ids: ids.split(" "), outcome })) })

// A new outcome without rows does not compile.
const table: { readonly [Tag in Outcome.Outcome["_tag"]]: ReadonlyArray<Row> } = {
  Accepted: [
    ["all is well", { batch: "a b c" }, Outcome.Accepted({ duplicates: 0 }), ["deliver a b c", "healthy"]],
    ["a lost ack is made good: duplicates are accepted", { batch: "a b c" }, Outcome.Accepted({ duplicates: 3 }), [
      "deliver a b c",
      "healthy"
    ]],
    ["after 500s and charged attempts", { batch: "a4 b", faults: 3 }, Outcome.Accepted({ duplicates: 0 }), [
      "deliver a b",
      "healthy"
    ]]
  ],

  PartlyAccepted: [
    ["named for good: a dead letter at once", { batch: "a b c" }, partly(2, 1, [rejected("b", false)]), [
      "deliver a c",
      "bury b",
      "healthy"
    ]],
    ["named for now: one attempt charged", { batch: "a b c" }, partly(2, 1, [rejected("b", true)]), [
      "deliver a c",
      "retry b #0",
      "healthy"
    ]],
    ["charged before: further along the schedule", { batch: "a b3 c" }, partly(2, 1, [rejected("b", true)]), [
      "deliver a c",
      "retry b #3",
      "healthy"
    ]],
    ["the last attempt is used up", { batch: "a b5 c" }, partly(2, 1, [rejected("b", true)]), [
      "deliver a c",
      "bury b",
      "healthy"
    ]],
    ["no retries at all", { batch: "a b", maxRetries: 0 }, partly(1, 1, [rejected("b", true)]), [
      "deliver a",
      "bury b",
      "healthy"
    ]],
    [
      "both kinds at once",
      { batch: "a b c d" },
      partly(2, 2, [rejected("a", false), rejected("d", true)]),
      ["deliver b c", "retry d #0", "bury a", "healthy"]
    ],
    [
      "all refused by name: the endpoint is well, and took nothing",
      { batch: "a b" },
      partly(0, 2, [
        rejected("a", false),
        rejected("b", true)
      ]),
      ["retry b #0", "bury a", "answered"]
    ],
    ["unnamed: split to find the culprit", { batch: "a b c d e" }, partly(4, 1), [
      "release a b c d e",
      "new batch a b c",
      "new batch d e",
      "healthy"
    ]],
    ["unnamed and alone: found", { batch: "a" }, partly(0, 1), ["bury a", "answered"]],
    ["unnamed, all of them: split all the same", { batch: "a b" }, partly(0, 2), [
      "release a b",
      "new batch a",
      "new batch b",
      "answered"
    ]],
    ["nobody refused", { batch: "a b" }, partly(2, 0), ["deliver a b", "healthy"]],
    [
      "a name that is not in the batch is ignored, and so one stays to be found",
      { batch: "a b" },
      partly(1, 1, [
        rejected("z", false)
      ]),
      ["release a b", "new batch a", "new batch b", "healthy"]
    ],
    [
      "some named, some not: the named are settled, the rest is split",
      { batch: "a b c d" },
      partly(2, 2, [
        rejected("a", false)
      ]),
      ["release b c d", "bury a", "new batch b c", "new batch d", "healthy"]
    ],
    ["all named but one, which must be it", { batch: "a b" }, partly(0, 2, [rejected("a", true)]), [
      "retry a #0",
      "bury b",
      "answered"
    ]],
    [
      "the same name twice counts once",
      { batch: "a b c" },
      partly(2, 1, [rejected("b", false), rejected("b", false)]),
      [
        "deliver a c",
        "bury b",
        "healthy"
      ]
    ]
  ],

  Unreachable: [
    ["offline: places and attempts are kept", { batch: "a2 b" }, gone(false, "offline"), ["release a b", "back off"]],
    ["name not found", { batch: "a b" }, gone(false, "dns"), ["release a b", "back off"]],
    ["refused", { batch: "a b" }, gone(false, "refused"), ["release a b", "back off"]],
    ["time-out before anything was sent", { batch: "a b" }, gone(false, "timeout"), ["release a b", "back off"]],
    ["time-out afterwards: it may have arrived", { batch: "a b" }, gone(true, "timeout"), [
      "release a b",
      "same batch a b",
      "back off"
    ]],
    ["connection lost before the answer", { batch: "a b" }, gone(true, "reset"), [
      "release a b",
      "same batch a b",
      "back off"
    ]],
    ["an answer that cannot be read", { batch: "a b" }, gone(true, "garbled"), [
      "release a b",
      "same batch a b",
      "back off"
    ]],
    ["someone else's page, as a captive portal shows", { batch: "a b" }, gone(false, "garbled"), [
      "release a b",
      "back off"
    ]],
    ["a batch with 500s keeps their count", { batch: "a b", faults: 1 }, gone(false, "refused"), [
      "release a b",
      "same batch a b, faults 1",
      "back off"
    ]],
    ["however often: nothing is charged", { batch: "a5", maxRetries: 5 }, gone(false, "refused"), [
      "release a",
      "back off"
    ]]
  ],

  Unavailable: [
    ["429", { batch: "a b" }, busy(429), ["release a b", "back off"]],
    ["429 with Retry-After", { batch: "a b" }, busy(429, 7), ["release a b", "back off, not before 7 s"]],
    ["503 with Retry-After", { batch: "a b" }, busy(503, 120), ["release a b", "back off, not before 120 s"]],
    ["408", { batch: "a b" }, busy(408), ["release a b", "back off"]],
    ["502: a proxy answers, the endpoint may have stored it", { batch: "a b" }, busy(502), [
      "release a b",
      "same batch a b",
      "back off"
    ]],
    ["504: likewise", { batch: "a b" }, busy(504), ["release a b", "same batch a b", "back off"]],
    ["503 for a batch with 500s", { batch: "a b", faults: 2 }, busy(503), [
      "release a b",
      "same batch a b, faults 2",
      "back off"
    ]]
  ],

  Faulted: [
    ["for the first time: away, but it is counted", { batch: "a b", healthy: true }, fault(), [
      "release a b",
      "same batch a b, faults 1",
      "back off"
    ]],
    ["with Retry-After", { batch: "a b" }, fault(9), [
      "release a b",
      "same batch a b, faults 1",
      "back off, not before 9 s"
    ]],
    ["again, and nothing else works either: still away", { batch: "a b", faults: 7 }, fault(), [
      "release a b",
      "same batch a b, faults 8",
      "back off"
    ]],
    ["again, while the endpoint is well: refused, so split", { batch: "a b c", faults: 1, healthy: true }, fault(), [
      "release a b c",
      "new batch a b, faults 2",
      "new batch c, faults 2",
      "answered"
    ]],
    ["again and alone, while the endpoint is well: charged", { batch: "a", faults: 1, healthy: true }, fault(), [
      "retry a #0",
      "answered"
    ]],
    ["an event charged before needs no second 500", { batch: "a2", healthy: true }, fault(), [
      "retry a #2",
      "answered"
    ]],
    ["nor does the batch it is in", { batch: "a b1", healthy: true }, fault(), [
      "release a b",
      "new batch a, faults 1",
      "new batch b, faults 1",
      "answered"
    ]],
    ["alone, its attempts used up", { batch: "a5", faults: 1, healthy: true }, fault(), ["bury a", "answered"]],
    ["alone, no retries at all", { batch: "a", faults: 1, healthy: true, maxRetries: 0 }, fault(), [
      "bury a",
      "answered"
    ]],
    ["refused, and Retry-After is obeyed all the same", { batch: "a b", faults: 1, healthy: true }, fault(5), [
      "release a b",
      "new batch a, faults 2",
      "new batch b, faults 2",
      "back off, not before 5 s"
    ]]
  ],

  ContentRefused: [
    ["400: split in halves", { batch: "a b c d" }, refused(400), [
      "release a b c d",
      "new batch a b",
      "new batch c d",
      "answered"
    ]],
    ["413 likewise", { batch: "a b c" }, refused(413), ["release a b c", "new batch a b", "new batch c", "answered"]],
    ["422 likewise", { batch: "a b" }, refused(422), ["release a b", "new batch a", "new batch b", "answered"]],
    ["alone: a dead letter at once", { batch: "a" }, refused(400), ["bury a", "answered"]],
    ["alone, 413: too large for this endpoint", { batch: "a3" }, refused(413), ["bury a", "answered"]]
  ],

  Settled: [
    ["some refused, unnamed, and none may be sent again", { batch: "a b c" }, settled(2, 1), [
      "deliver a b c",
      "healthy",
      "lost 1"
    ]],
    ["all refused", { batch: "a b" }, settled(0, 2), ["deliver a b", "answered", "lost 2"]],
    ["more refused than were sent: no more than all are lost", { batch: "a b" }, settled(0, 9), [
      "deliver a b",
      "answered",
      "lost 2"
    ]]
  ],

  Divided: [
    ["every request is answered well", { batch: "a b c" }, divided(["a c", accepted], ["b", accepted]), [
      "deliver a b c",
      "healthy"
    ]],
    [
      "one is away: the others are settled, its events wait",
      { batch: "a b c" },
      divided(["a c", accepted], ["b", busy(503, 5)]),
      [
        "deliver a c",
        "release b",
        "back off, not before 5 s"
      ]
    ],
    ["two are away: the longer wait counts", { batch: "a b" }, divided(["a", busy(429, 9)], ["b", busy(503, 5)]), [
      "release a b",
      "back off, not before 9 s"
    ]],
    [
      "what may have arrived stays together, under a new key",
      { batch: "a b c" },
      divided(["a c", gone(true)], ["b", accepted]),
      [
        "deliver b",
        "release a c",
        "new batch a c",
        "back off"
      ]
    ],
    ["a wrong set-up outweighs being away", { batch: "a b" }, divided(["a", wrong(404)], ["b", gone(false)]), [
      "release a b",
      "pause"
    ]],
    ["only the refused part is split", { batch: "a b c" }, divided(["a c", refused(413)], ["b", accepted]), [
      "deliver b",
      "release a c",
      "new batch a",
      "new batch c",
      "answered"
    ]],
    ["losses add up", { batch: "a b c d" }, divided(["a b", settled(1, 1)], ["c d", settled(1, 1)]), [
      "deliver a b c d",
      "healthy",
      "lost 2"
    ]],
    ["an event in no part goes back to its place", { batch: "a b" }, divided(["a", accepted], ["z", gone(true)]), [
      "deliver a",
      "release b",
      "healthy"
    ]]
  ],

  Misconfigured: [
    ["401", { batch: "a b" }, wrong(401), ["release a b", "pause"]],
    ["403", { batch: "a b" }, wrong(403), ["release a b", "pause"]],
    ["404", { batch: "a5" }, wrong(404), ["release a", "pause"]],
    ["405, 407, 410 and the other 4xx", { batch: "a b" }, wrong(418), ["release a b", "pause"]],
    ["a redirect", { batch: "a b" }, wrong(302, "redirect"), ["release a b", "pause"]],
    ["a certificate that does not verify", { batch: "a b" }, wrong(null, "certificate"), ["release a b", "pause"]],
    ["an address that is not allowed", { batch: "a b" }, wrong(null, "endpoint"), ["release a b", "pause"]],
    ["a batch with 500s keeps their count", { batch: "a b", faults: 1 }, wrong(401), [
      "release a b",
      "same batch a b, faults 1",
      "pause"
    ]]
  ]
}

describe("Decision", () => {
  for (const [tag, rows] of Object.entries(table)) {
    describe(tag, () => {
      it.each(rows.map((row) => [...row] as const))("%s", (_title, situation, outcome, follows) => {
        expect(outcome._tag).toBe(tag)
        expect(written(Decision.decide(outcome, context(situation)), situation)).toEqual(follows)
      })
    })
  }

  it("says why: in the error of an event, and of the destination", () => {
    const one = Decision.decide(partly(1, 1, [rejected("b", false)]), context({ batch: "a b" }))
    expect(one.fates.get(2)).toEqual({ _tag: "Bury", error: "no b" })
    const paused = Decision.decide(wrong(401), context({ batch: "a" }))
    expect(paused.destination).toEqual({ _tag: "Pause", reason: "set up wrongly" })
    const seldom = Outcome.Misconfigured({ status: 404, reason: "status", message: "no such path", seldom: true })
    expect(Decision.decide(seldom, context({ batch: "a" })).destination).toEqual({
      _tag: "Pause",
      reason: "no such path",
      seldom: true
    })
    const broken = Decision.decide(fault(), context({ batch: "a", faults: 1, healthy: true }))
    expect(broken.fates.get(1)).toEqual({ _tag: "Retry", attempt: 0, error: "broken" })
    expect(broken.destination).toEqual({ _tag: "Answered", error: "broken" })
  })
})
