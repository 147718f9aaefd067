import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as TestClock from "effect/TestClock"
import { examples } from "../../../src/cli/view/Examples.js"
import { sections } from "../../../src/cli/view/sections.js"
import { ConsentGate } from "../../../src/consent/ConsentGate.js"
import { EventStore } from "../../../src/persistence/EventStore.js"
import { SubmissionQueue } from "../../../src/persistence/SubmissionQueue.js"
import { Telemetry } from "../../../src/Telemetry.js"
import { decode, hostile, shape } from "../../web/hostile.js"
import { make, secrets, store, type World } from "./world.js"

const off = { level: null } as const

const pages = sections.map(({ href }) => href.replace("./", ""))

const effective = (world: World) => world.use(Effect.map(ConsentGate, (gate) => gate.unsafeCurrent()))

describe("every answer", () => {
  const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

  it.scoped("has the same strict headers, also a refusal", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      const answers = [
        ...(yield* Effect.forEach([...pages, "page.css", "page.js", "status.json", "nothing"], world.get)),
        yield* world.get("?done=off"),
        yield* world.post("consent", { level: "basic" }),
        yield* world.post("consent", { secret: "wrong" }),
        yield* world.request("/"),
        yield* world.request(`/${secrets.token}`),
        yield* world.request(`/${secrets.token}/`, { headers: { host: "evil.example" } }),
        yield* world.request(`/${secrets.token}/`, { method: "DELETE" })
      ]
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 404, 303, 403, 308, 405]))
      for (const { headers } of answers) {
        expect(headers.get("content-security-policy")).toBe(policy)
        expect(headers.get("cache-control")).toBe("no-store")
        expect(headers.get("x-content-type-options")).toBe("nosniff")
        expect(headers.get("referrer-policy")).toBe("same-origin")
      }
    }))
})

describe("every page", () => {
  it.scoped("loads and links nothing from elsewhere, and keeps to the policy", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      yield* world.use(store("feature_used", { featureName: "https://evil.example/" }))
      for (const page of pages) {
        const { body } = yield* world.get(page)
        for (const [, name, target] of body.matchAll(/ (href|src|action)="([^"]*)"/g)) {
          const own = target === "data:," || new URL(target!, "http://127.0.0.1:1/t/").origin === "http://127.0.0.1:1"
          expect([page, name, target, own]).toEqual([page, name, target, true])
        }
        for (const tag of shape(body)) {
          expect(tag).not.toMatch(/ style=| on\w+=|<style|<iframe|<object|<base|http-equiv/)
        }
        expect(body).not.toMatch(/<script(?! src="page\.js" defer><\/script>)/)
        expect(body).not.toContain(secrets.token)
      }
    }))

  it.scoped("has one heading, landmarks, a way past the navigation, and ids that are there once", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      yield* world.use(store("error_occurred", { errorType: "E", fingerprint: "f", fatal: false, count: 1 }))
      for (const page of pages) {
        const { body } = yield* world.get(page)
        expect(body.match(/<h1>/g)).toHaveLength(1)
        for (const part of ["<header", "<nav aria-label=", "<main id=\"main\"", "<footer", "href=\"#main\""]) {
          expect(body).toContain(part)
        }
        expect(body.match(/aria-current="page"/g)).toHaveLength(1)
        const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
        expect([page, ids.length - new Set(ids).size]).toEqual([page, 0])
        for (const [, ref] of body.matchAll(/ aria-labelledby="([^"]*)"/g)) {
          for (const id of ref!.split(" ")) expect(ids).toContain(id)
        }
        for (const [, id] of body.matchAll(/<label[^>]* for="([^"]*)"/g)) expect(ids).toContain(id)
      }
    }))

  it.scoped.prop("has the same tags whatever was stored", [hostile, hostile], ([one, two]) =>
    Effect.gen(function*() {
      const shapes = (text: string, other: string) =>
        Effect.scoped(Effect.gen(function*() {
          const world = yield* make({})
          yield* world.use(Effect.gen(function*() {
            yield* store(`t${text}`, { error: text, [text]: other }, { session: `s${text}` })
            yield* store("error_occurred", {
              errorType: `e${text}`,
              message: `m${other}`,
              fingerprint: `f${text}`,
              severity: "ERROR",
              fatal: false,
              count: 1
            }, { session: `s${text}` })
          }))
          const queue = yield* world.use(SubmissionQueue)
          yield* bury(queue, `x${other}`).pipe(Effect.orDie)
          return yield* Effect.forEach(pages, (page) => Effect.map(world.get(page), ({ body }) => shape(body)))
        }))
      expect(yield* shapes(one, two)).toEqual(yield* shapes("a", "b"))
    }), { fastCheck: { numRuns: 10 } })

  it.scoped("renders with nothing stored, and while telemetry is off", () =>
    Effect.gen(function*() {
      for (const options of [off, { level: "basic" } as const]) {
        const world = yield* make(options)
        for (const page of pages) expect([page, (yield* world.get(page)).status]).toEqual([page, 200])
      }
      const world = yield* make(off)
      expect((yield* world.get("")).body).toContain("nobody was asked yet; &quot;ax telemetry enable&quot; turns it on")
      expect((yield* world.get("queue")).body).toContain("The queue is empty.")
      expect((yield* world.get("errors")).body).toContain("No errors were recorded in this time.")
      expect((yield* world.get("sessions")).body).toContain("No sessions were recorded in this time.")
    }))

  it.scoped("is read anew each time", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      expect((yield* world.get("sessions")).body).not.toContain("5e551017")
      yield* world.use(store("feature_used", {}, { session: "5e551017-0000-4000-8000-000000000000" }))
      expect((yield* world.get("sessions")).body).toContain("5e551017")
      expect(world.opened()).toBe(2)
    }))
})

/** Everything that waits becomes a dead letter. */
const bury = (queue: SubmissionQueue["Type"], error: string) =>
  Effect.gen(function*() {
    const owner = { id: "o", pid: null }
    const claim = { destination: "default", owner, now: 0, leaseUntil: 9, limit: 9, maxBytes: 1e9, newKey: "k" }
    const batch = yield* queue.claim({ ...claim, isGone: () => false })
    if (batch === null) return
    yield* queue.settle({
      batch,
      owner,
      now: 0,
      verdicts: new Map(batch.events.map(({ seq }) => [seq, { _tag: "Bury", error }])),
      groups: [],
      state: yield* queue.state("default"),
      stats: {}
    })
  })

describe("the switches", () => {
  it.scoped("turn recording on, at the level that was chosen, without sending", () =>
    Effect.gen(function*() {
      const world = yield* make(off)
      const answer = yield* world.post("consent", { level: "enhanced" })
      expect([answer.status, answer.headers.get("location")]).toEqual([303, "./?done=consent"])
      expect(yield* effective(world)).toMatchObject({ enabled: true, level: "enhanced", remote: false })
      expect((yield* world.get("?done=consent")).body).toContain("Your choice is recorded.")
    }))

  it.scoped("send only when that was ticked, and stop when it no longer is", () =>
    Effect.gen(function*() {
      const world = yield* make(off)
      yield* world.post("consent", { level: "basic", remote: "yes" })
      expect(yield* effective(world)).toMatchObject({ remote: true })
      expect((yield* world.get("")).body).toMatch(/name="remote" value="yes" checked/)
      yield* world.post("consent", { level: "basic" })
      expect(yield* effective(world)).toMatchObject({ enabled: true, remote: false, optedOutAt: null })
      expect((yield* world.get("")).body).not.toMatch(/name="remote" value="yes" checked/)
    }))

  it.scoped("ask where to send to, where no endpoint is known", () =>
    Effect.gen(function*() {
      const world = yield* make({ ...off, config: { endpoint: null } })
      expect((yield* world.get("")).body).toContain("name=\"endpoint\"")
      const answer = yield* world.post("consent", { level: "basic", remote: "yes", endpoint: "" })
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining("No endpoint is known")])
      expect(yield* effective(world)).toMatchObject({ enabled: false })
    }))

  it.scoped("stop sending, turn all off, and erase only when asked to", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      yield* world.use(store("feature_used", {}))
      yield* world.post("stop-sending")
      expect(yield* effective(world)).toMatchObject({ enabled: true, remote: false })
      yield* world.post("opt-out")
      expect(yield* effective(world)).toMatchObject({ enabled: false, reason: "opted-out" })
      const size = world.use(Effect.flatMap(EventStore, (events) => events.size))
      expect(yield* size).toMatchObject({ events: 1 })
      yield* world.post("opt-out", { erase: "yes" })
      expect(yield* size).toMatchObject({ events: 0 })
    }))

  it.scoped("do nothing for a form without its secret, of another kind, too large or without a level", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      const send = (init: RequestInit) =>
        Effect.map(
          world.request(`/${secrets.token}/opt-out`, {
            method: "POST",
            headers: { "content-type": "application/x-www-form-urlencoded" },
            ...init
          }),
          ({ status }) => status
        )
      expect(yield* send({ body: "secret=wrong" })).toBe(403)
      expect(yield* send({ body: "" })).toBe(403)
      expect(yield* send({ body: `secret=${secrets.token}` })).toBe(403)
      expect(yield* send({ body: `{"secret":"${secrets.form}"}`, headers: { "content-type": "application/json" } }))
        .toBe(415)
      expect(yield* send({ body: `secret=${secrets.form}`, headers: { "content-type": "text/plain" } })).toBe(415)
      expect((yield* world.post("consent", { level: "everything" })).status).toBe(400)
      expect((yield* world.post("nothing")).status).toBe(404)
      expect((yield* world.post("constructor")).status).toBe(404)
      expect((yield* world.get("opt-out")).status).toBe(404)
      expect(yield* effective(world)).toMatchObject({ enabled: true, remote: true })
    }))
})

describe("the queue", () => {
  it.scoped("shows what waits and what was refused, with the reason", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      yield* world.use(store("feature_used", {}))
      yield* bury(yield* world.use(SubmissionQueue), "400 <no>").pipe(Effect.orDie)
      yield* world.use(store("query_performed", {}))
      const { body } = yield* world.get("queue")
      expect(body).toContain("400 &lt;no&gt;")
      expect(body).toMatch(/<code>query_performed<\/code>/)
      expect(body).toContain("Put all back into the queue")
    }))

  it.scoped("puts dead letters back and throws them away", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      const queue = yield* world.use(SubmissionQueue)
      const counts = Effect.orDie(queue.counts("default"))
      yield* world.use(store("feature_used", {}))
      yield* bury(queue, "no").pipe(Effect.orDie)
      expect(yield* counts).toMatchObject({ dead: 1 })
      expect((yield* world.post("requeue")).headers.get("location")).toBe("queue?done=requeued&n=1")
      expect(yield* counts).toMatchObject({ pending: 1, dead: 0 })
      yield* bury(queue, "no").pipe(Effect.orDie)
      expect((yield* world.post("purge")).headers.get("location")).toBe("queue?done=purged&n=1")
      expect(yield* counts).toMatchObject({ pending: 0, dead: 0 })
      const { body } = yield* world.get("queue?done=purged&n=1")
      expect(body).toContain("1 dead letter thrown away.")
      expect(body).toContain("A dead letter that was thrown away.")
    }))
})

describe("what is said after an action", () => {
  it.scoped.prop("comes from the panel and never from the address", [fc.string()], ([text]) =>
    Effect.gen(function*() {
      const world = yield* make(off)
      const { body } = yield* world.get(`?done=${encodeURIComponent(text)}&n=${encodeURIComponent(text)}`)
      expect(body).not.toContain("role=\"status\"")
    }), { fastCheck: { numRuns: 8 } })
})

it.scoped("looks back as many days as asked for, and 30 otherwise", () =>
  Effect.gen(function*() {
    yield* TestClock.setTime(1_700_000_000_000)
    const world = yield* make({})
    const day = 86_400_000
    yield* world.use(store("feature_used", {}, { session: "0000000a", at: 1_700_000_000_000 - 20 * day }))
    const has = (query: string) => Effect.map(world.get(`sessions${query}`), ({ body }) => body.includes("0000000a"))
    expect([yield* has(""), yield* has("?days=7"), yield* has("?days=90"), yield* has("?days=1e9")])
      .toEqual([true, false, true, true])
  }))

describe("redaction", () => {
  const query = { queryType: "text", query: "mail jane@example.com", resultCount: 1, duration: 2, cached: false }

  const ask = (world: World, data: unknown, fields: Readonly<Record<string, string>> = {}) =>
    world.post("redaction", { type: "query_performed", level: "full", data: JSON.stringify(data), ...fields })

  it.scoped("shows an event before and after, the rule behind each change, and the bytes that the sender makes", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      const { body, status } = yield* ask(world, { ...query, unknown: 1 })
      expect(status).toBe(200)
      expect(body).toContain("mail jane@example.com")
      expect(body).toContain("mail <mark>[email]</mark>")
      expect(body).toContain("replaced by the rule email")
      expect(body).toContain("not declared: never stored")
      const shown = /<h2 id="to-the-byte">[\s\S]*?<pre>([\s\S]*?)<\/pre>/.exec(body)?.[1] ?? ""
      const bytes = decode(shown.replace(/<\/?mark>/g, ""))
      const preview = yield* world.use(
        Effect.flatMap(Telemetry, (telemetry) => telemetry.preview("query_performed", query, { level: "full" }))
      )
      const withoutId = (text: string | null) => text?.replace(/"id":"[^"]*"/, "").replace(/"timestamp":\d+/, "")
      expect(withoutId(bytes)).toBe(withoutId(preview.body))
      expect(body).toContain(`${new TextEncoder().encode(bytes).length} bytes`)
    }))

  it.scoped("leaves out what the level does not cover", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      const { body } = yield* ask(world, query, { level: "basic" })
      expect(body).toContain("not recorded at this level")
      expect(body).not.toContain("[email]")
    }))

  it.scoped("says what is wrong and keeps what was typed", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      for (const data of ["{", "[1]", "\"x\"", ""]) {
        const { body } = yield* world.post("redaction", { type: "query_performed", level: "full", data })
        expect(body).toContain("The data is not a JSON object")
        expect(decode(/<textarea[^>]*>([\s\S]*?)<\/textarea>/.exec(body)?.[1] ?? "?")).toBe(data)
      }
      expect((yield* ask(world, { queryType: 1 })).body).toContain("Nothing would be stored or sent")
      expect((yield* ask(world, {}, { type: "nothing<b>" })).body).toContain("this type is not declared")
    }))

  it.scoped("records nothing, and works while telemetry is off", () =>
    Effect.gen(function*() {
      for (const options of [{}, off]) {
        const world = yield* make(options)
        expect((yield* ask(world, query)).body).toContain("[email]")
        expect(yield* world.use(Effect.flatMap(Telemetry, (telemetry) => telemetry.ledger))).toMatchObject({
          capture: {}
        })
      }
    }))

  it.scoped("has examples that fit their declarations", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      for (const [i, { data, name, type }] of examples.entries()) {
        expect([name, (yield* world.get(`redaction?example=${i}`)).status]).toEqual([name, 200])
        const preview = yield* world.use(
          Effect.flatMap(Telemetry, (telemetry) => telemetry.preview(type, data, { level: "full" }))
        )
        expect([name, preview.issue]).toEqual([name, null])
        for (const secret of ["jane", "correct-horse", "4111", "10.1.2.3", "5550"]) {
          expect([name, preview.body?.includes(secret)]).toEqual([name, false])
        }
      }
    }))

  it.scoped.prop("puts typed text on the page as text", [hostile], ([text]) =>
    Effect.gen(function*() {
      const world = yield* make({})
      const of = (text: string) =>
        Effect.map(
          ask(world, { featureName: text, [`x${text}`]: text }, { type: "feature_used" }),
          ({ body }) => shape(body.replace(/<\/?mark>/g, ""))
        )
      expect(yield* of(text)).toEqual(yield* of("a"))
    }), { fastCheck: { numRuns: 10 } })
})

describe("what was sent", () => {
  it.scoped("is listed with its place, and told of each event", () =>
    Effect.gen(function*() {
      const world = yield* make({})
      yield* world.use(Effect.gen(function*() {
        const telemetry = yield* Telemetry
        yield* telemetry.trackQuery("text", "mail jane@example.com", 1, 2, false)
        yield* telemetry.submitNow
      }))
      const { body } = yield* world.get("sent")
      expect(body).toMatch(/<span class="badge good">accepted<\/span>/)
      const life = (yield* world.get("event?id=1")).body
      expect(life).toContain("recorded as query_performed, at level full")
      expect(life).toContain("redacted before it was stored: query ([email])")
      expect(life).toContain("1 accepted, 0 refused")
      expect(life).toContain("now: delivered")
    }))

  it.scoped("has an answer for events that are not there", () =>
    Effect.gen(function*() {
      const world = yield* make(off)
      expect((yield* world.get("event?id=7")).body).toContain("No such event is stored")
      expect((yield* world.get("event?id=%3Cb%3E")).body).toContain("neither the number nor the id")
    }))
})

describe("usage", () => {
  it.scoped("counts features, commands and the hours they were used in", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 10, 20, 14, 30))
      const world = yield* make({})
      yield* world.use(Effect.gen(function*() {
        const telemetry = yield* Telemetry
        yield* telemetry.trackFeature("export", true)
        yield* telemetry.trackFeature("export", true)
        yield* telemetry.trackCommand("build", [], 1_500, 0)
        yield* telemetry.flush
      }))
      const { body } = yield* world.get("usage")
      expect(body).toMatch(/data-label="Feature"><div>export<\/div><\/th><td[^>]*><div>2<\/div>/)
      expect(body).toMatch(/data-label="Name"><div>build<\/div><\/th><td[^>]*><div>1<\/div>/)
      expect(body).toContain("<title>14:00\nevents: 3</title>")
    }))
})
