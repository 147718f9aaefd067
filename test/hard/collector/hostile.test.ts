/**
 * A real collector under attack. After each case an ordinary batch is stored as ever, and the memory of the process is read;
 * no answer is a fault of the server, or tells anything about its insides.
 */
import Sqlite from "better-sqlite3"
import * as Fs from "node:fs"
import * as Zlib from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { event, uuid4 } from "../../collector/support.js"
import * as Children from "../e2e/Children.js"
import * as Attacker from "./Attacker.js"
import * as Attacks from "./attacks.js"
import * as Pages from "./pages.js"
import * as Replica from "./Replica.js"

const mebibyte = 1024 * 1024

let directory: string
let database: string
let replica: Replica.Replica
let target: Attacker.Target
/** The cookie of who is signed in. */
let visit: string
let canaries = 0
let before = 0
let most = 0

/** Of our insides, or of what was sent. */
const secrets = /SELECT|INSERT|sqlite|SQLITE|\/home|\/tmp|\/work|node_modules|node:|\.[jt]s:\d|\n\s+at |eti_|etr_|eta_/

const isSilent = (answer: Attacker.Answer): void => {
  const { keys } = target
  if (answer.status >= 400) expect(answer.body).not.toMatch(secrets)
  for (const text of [answer.body, JSON.stringify(answer.headers)]) {
    for (const key of Object.values(keys)) expect(text).not.toContain(key)
  }
}

const canary = async (): Promise<void> => {
  const answer = await Attacker.ask(target, { body: Attacker.batch([event({ eventType: "canary" })]) })
  canaries += 1
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { accepted: 1, rejected: 0, duplicates: 0 }])
  most = Math.max(most, Attacker.memory(target.pid).resident)
}

const counted = async (eventType: string): Promise<number> => {
  const answer = await Attacker.get(target, `/v1/rollups?interval=month&eventType=${eventType}`, target.keys.read)
  return JSON.parse(answer.body).rows.reduce((sum: number, row: { readonly count: number }) => sum + row.count, 0)
}

const check = async ({ code, send, status }: Attacks.Attack): Promise<Attacker.Answer> => {
  const answer = await send(target)
  expect([answer.status, answer.body.slice(0, 200)]).toEqual([status, expect.anything()])
  if (code !== null) {
    const { error } = JSON.parse(answer.body)
    expect(error).toEqual({ code, message: expect.stringMatching(/./) })
    expect(answer.headers).toMatchObject({ "x-content-type-options": "nosniff", "cache-control": "no-store" })
  }
  isSilent(answer)
  return answer
}

/** What a collector is asked on an ordinary day. */
const atWork = async (): Promise<void> => {
  for (const path of ["/", "/events", "/errors", "/ingest"]) await Pages.page(target, visit, path)
  const events = Array.from({ length: 500 }, () => event({ eventType: "warm" }))
  await Attacker.ask(target, { headers: ["Content-Encoding: gzip"], body: Zlib.gzipSync(Attacker.batch(events)) })
  await Attacker.ask(target, { path: "/v1/logs", type: "application/x-protobuf", body: Buffer.from([0x0a, 0]) })
  await Attacker.ask(target, { path: "/v1/logs", body: "{\"resourceLogs\":[]}" })
  await Attacker.get(target, "/v1/rollups?interval=day", target.keys.read)
}

beforeAll(async () => {
  directory = Children.temporary()
  database = `sqlite:${directory}/collector.db`
  const [ingest, read, admin] = [
    await Replica.createKey(database, "ingest"),
    await Replica.createKey(database, "read"),
    await Replica.createKey(database, "admin")
  ]
  replica = await Replica.start(database, { COLLECTOR_MAX_BODY_BYTES: String(mebibyte) })
  const { hostname, port } = new URL(replica.url)
  target = {
    url: replica.url,
    host: hostname,
    port: Number(port),
    pid: replica.child.process.pid!,
    keys: { ingest: ingest!, read: read!, admin: admin! }
  }
  // As a collector is that has been at work for a while: the code is loaded, the heap has found its size.
  visit = await Pages.signIn(target)
  for (let i = 0; i < 20; i++) await atWork()
  await canary()
  before = Attacker.memory(target.pid).resident
})

afterAll(async () => {
  await replica.kill()
  Fs.rmSync(directory, { recursive: true, force: true })
})

describe("a collector under attack", () => {
  it.each(Attacks.all.map((attack, n) => [n + 1, attack.name, attack] as const))("%i %s", async (_, __, attack) => {
    await check(attack)
    await canary()
  })

  it("every reason for a 401 looks the same, and so does every role that is not enough", async () => {
    for (const attacks of [Attacks.keys, Attacks.roles]) {
      const seen = new Set<string>()
      for (const attack of attacks) {
        const { body, headers } = await check(attack)
        const { date: _, ...rest } = headers
        if (!attack.name.startsWith("OTLP")) seen.add(JSON.stringify([body, rest]))
      }
      expect([...seen]).toHaveLength(1)
    }
    await canary()
  })

  it("a revoked key is an unknown one, at once", async () => {
    const create = ["collector", "keys", "create", "--role", "ingest", "--database", database, "--json"]
    const { id, key } = JSON.parse(await Replica.cli(create))
    const body = Attacker.batch([])
    expect((await Attacker.ask(target, { key, body })).status).toBe(200)
    await Replica.cli(["collector", "keys", "revoke", id, "--database", database])
    const revoked = await Attacker.ask(target, { key, body })
    const unknown = await Attacker.ask(target, { key: "nope", body })
    expect([revoked.status, revoked.body]).toEqual([401, unknown.body])
    await canary()
  })

  it("one batch posted eight times at once is stored once, and answered alike", async () => {
    const body = Attacker.batch(Array.from({ length: 50 }, () => event({ eventType: "parallel" })))
    const post = (headers: ReadonlyArray<string>) =>
      Promise.all(Array.from({ length: 8 }, () => Attacker.ask(target, { headers, body })))
    const keyed = await post([`Idempotency-Key: ${uuid4()}`])
    expect(new Set(keyed.map((answer) => `${answer.status} ${answer.body}`)).size).toBe(1)
    expect(JSON.parse(keyed[0]!.body)).toMatchObject({ accepted: 50, rejected: 0, duplicates: 0 })
    const again = await post([])
    for (const answer of again) expect(JSON.parse(answer.body)).toMatchObject({ accepted: 50, duplicates: 50 })
    expect(await counted("parallel")).toBe(50)
    await canary()
  })

  it("of two bodies under one id the first is kept, and the second counted as a duplicate", async () => {
    const first = event({ eventType: "first" })
    const duplicates = () => replica.metric("collector_events_total{verdict=\"duplicate\"}")
    const known = await duplicates()
    await Attacker.ask(target, { body: Attacker.batch([first]) })
    const second = await Attacker.ask(target, { body: Attacker.batch([{ ...first, eventType: "second" }]) })
    expect(JSON.parse(second.body)).toMatchObject({ accepted: 1, duplicates: 1 })
    expect([await counted("first"), await counted("second")]).toEqual([1, 0])
    expect(await duplicates()).toBe(known! + 1)
    await canary()
  })

  it("a time in the far future becomes the time of receipt", async () => {
    const body = Attacker.batch([event({ eventType: "future", timestamp: Number.MAX_SAFE_INTEGER })])
    expect(JSON.parse((await Attacker.ask(target, { body })).body)).toMatchObject({ accepted: 1 })
    const { body: answer } = await Attacker.get(target, "/v1/rollups?interval=day&eventType=future", target.keys.read)
    expect(JSON.parse(answer).rows[0].bucket.slice(0, 4)).toBe(String(new Date().getUTCFullYear()))
    await canary()
  })

  it("a key that sends too much is told when to come back, and the others are not", async () => {
    const key = await Replica.createKey(database, "ingest")
    const body = `{"events":[${"0,".repeat(999)}0]}`
    let refused: Attacker.Answer | undefined
    for (let sent = 0; sent < 300 && refused === undefined; sent += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => Attacker.ask(target, { key, body })))
      refused = answers.find(({ status }) => status !== 200)
    }
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": expect.stringMatching(/^[1-9]\d?$/) } })
    expect(JSON.parse(refused!.body).error.code).toBe("rate_limited")
    await canary()
  })

  it("a database that is held by another is 503 with Retry-After, never 200", async () => {
    const other = new Sqlite(`${directory}/collector.db`)
    try {
      other.exec("BEGIN IMMEDIATE")
      const answer = await Attacker.ask(target, { body: Attacker.batch([event()]) })
      expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "5" } })
      expect(JSON.parse(answer.body).error.code).toBe("unavailable")
      isSilent(answer)
      other.exec("ROLLBACK")
    } finally {
      other.close()
    }
    await canary()
  })

  it("fifty requests in one piece get fifty answers, in their order", async () => {
    const one = (n: number) => {
      const bytes = Attacker.request(target, {
        method: "GET",
        path: n % 2 ? "/healthz" : `/x${n}`,
        length: null,
        type: null
      })
      return n === 49 ? bytes : Buffer.from(bytes.toString().replace("Connection: close\r\n", ""))
    }
    const { answers } = await Attacker.exchange(target, [Buffer.concat(Array.from({ length: 50 }, (_, n) => one(n)))])
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, (_, n) => n % 2 ? 200 : 404))
    await canary()
  })

  it("who hangs up in the middle does no harm, and who only stops to talk is answered", async () => {
    const whole = Attacker.request(target, { body: Attacker.batch([event()]) })
    await Promise.all(
      Array.from(
        { length: 60 },
        (_, n) =>
          Attacker.exchange(target, [whole.subarray(0, Math.floor(whole.length * n / 60))], { limitMillis: 30 + n })
      )
    )
    const { answers } = await Attacker.exchange(target, [whole], { halfClose: true })
    expect(answers[0]!.status).toBe(200)
    await canary()
  })

  it("more connections than there may be are dropped; those that end make room", async () => {
    const waiting = Array.from({ length: 900 }, () => Attacker.exchange(target, ["GET "], { limitMillis: 1_500 }))
    await new Promise((resolve) => setTimeout(resolve, 700))
    await canary()
    await Promise.all(waiting)
    const all = await Promise.all(
      Array.from({ length: 1_300 }, () => Attacker.exchange(target, ["GET "], { limitMillis: 5_000 }))
    )
    expect(all.filter(({ millis }) => millis < 4_900).length).toBeGreaterThan(0)
    await canary()
  })

  it("who is slow with headers or body is cut off, and holds up nobody meanwhile", async () => {
    const drip = (text: Uint8Array | string, pauseMillis: number) =>
      Attacker.exchange(target, Array.from(Buffer.from(text), (byte) => Buffer.from([byte])), {
        limitMillis: 45_000,
        pauseMillis
      })
    const slow = {
      silence: Attacker.exchange(target, [], { limitMillis: 45_000 }),
      headers: drip(`POST /v1/events HTTP/1.1\r\nHost: x\r\n${"X-A: b\r\n".repeat(100)}`, 500),
      "half a line": Attacker.exchange(target, ["GET /healthz\r\n"], { limitMillis: 45_000 }),
      body: Attacker.exchange(
        target,
        [Attacker.request(target, { length: 1_000 }), ...Array.from({ length: 100 }, () => " ")],
        { limitMillis: 45_000, pauseMillis: 500 }
      ),
      chunks: Attacker.exchange(
        target,
        [
          Attacker.request(target, { length: null, headers: ["Transfer-Encoding: chunked"] }),
          ...Array.from({ length: 100 }, () => "1\r\n \r\n")
        ],
        { limitMillis: 45_000, pauseMillis: 500 }
      )
    }
    // Strangers that nearly fill what a body may be, and wait: a gigabyte, were each taken in.
    const filled = Attacker.request(target, {
      key: null,
      type: "text/plain",
      length: mebibyte,
      body: Buffer.alloc(mebibyte - 1, " ")
    })
    const strangers: Array<Promise<Attacker.Sent>> = []
    for (let n = 0; n < 100; n++) {
      strangers.push(Attacker.exchange(target, [filled], { limitMillis: 45_000 }))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    for (let n = 0; n < 10; n++) {
      await canary()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const large = Attacker.batch([event({ eventType: "large", eventData: { a: " ".repeat(60_000) } })])
    expect((await Attacker.ask(target, { body: large })).status).toBe(200)
    const held = await replica.metric("collector_held_body_bytes{stage=\"receiving\"}")
    expect(held).toBeGreaterThan(8 * mebibyte)
    expect(held).toBeLessThanOrEqual(16 * mebibyte)

    for (const [name, sent] of Object.entries(slow)) {
      const { answers, millis } = await sent
      expect([name, answers[0]?.status], name).toEqual([name, 408])
      expect(millis, name).toBeGreaterThan(14_000)
      expect(millis, name).toBeLessThan(name === "body" || name === "chunks" ? 36_000 : 21_000)
    }
    const answers = (await Promise.all(strangers)).map((sent) => sent.answers[0])
    expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([408, 503]))
    const refused = answers.find((answer) => answer?.status === 503)!
    expect(refused.headers["retry-after"]).toBe("5")
    expect(await replica.metric("collector_held_body_bytes{stage=\"receiving\"}")).toBe(0)
    await canary()
  })
})

describe("hostile names", () => {
  const names = [...Pages.hostile, ...Pages.onlyInData]
  const hostileApp = "</title><img src=x onerror=alert(2)>"
  let cookie: string

  beforeAll(async () => {
    for (const [app, all] of [[hostileApp, names], ["plain", Pages.plainNames]] as const) {
      const sent = Pages.events(app, all)
      const answer = JSON.parse((await Pages.submit(target, sent)).body)
      expect(answer).toMatchObject({ accepted: sent.length, rejected: 0 })
    }
    cookie = await Pages.signIn(target)
  })

  const paths = ["/", "/events", "/usage", "/performance", "/errors", "/audience", "/ingest"]

  it.each([...paths, ...names.slice(0, 6).map((name) => `/funnel?s1=feature_used:${encodeURIComponent(name)}`)])(
    "the page %s has the elements that it has with plain names",
    async (path) => {
      const [evil, plain] = await Promise.all(
        [hostileApp, "plain"].map((app) =>
          Pages.page(
            target,
            cookie,
            `${path}${path.includes("?") ? "&" : "?"}compare=no&app=${encodeURIComponent(app)}`
          )
        )
      )
      expect(evil!.status).toBe(200)
      expect(evil!.headers["content-security-policy"]).toContain("frame-ancestors 'none'")
      expect(evil!.headers["content-security-policy"]).not.toContain("unsafe")
      expect(evil!.body).toMatch(/&lt;\/title&gt;&lt;img/)
      expect(Pages.elements(evil!.body)).toEqual(Pages.elements(plain!.body))
      expect(evil!.body).not.toMatch(/<img|<svg onload|<script>|href="\s*javascript:/i)
      isSilent(evil!)
      await canary()
    }
  )

  it.each(["volume", "dimensions", "errors", "versions", "releases", "latency", "losses"])(
    "the export of %s holds every name, and no cell that a spreadsheet would take for a formula",
    async (name) => {
      const query = `format=csv&app=${encodeURIComponent(hostileApp)}`
      const answer = await Attacker.get(target, `/v1/insights/${name}?${query}`, target.keys.read)
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8"])
      const cells = Pages.cells(answer.body)
      expect(cells.length).toBeGreaterThan(0)
      for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/)
      const wanted = { dimensions: names, errors: names, versions: Pages.hostile.slice(0, -1) }[name] ?? []
      for (const one of wanted) {
        expect(cells.map((cell) => cell.replace(/^'(?=\W)/, ""))).toContain(one.replace(/^'(?=\W)/, ""))
      }
      await canary()
    }
  )

  it("names with control characters are refused by a reason that does not hold them", async () => {
    for (const name of Pages.onlyInData) {
      const changes = [{ eventType: name }, { app: { name, version: "1" } }, { app: { name: "a", version: name } }]
      const { body } = await Pages.submit(target, changes.map((change) => event(change)))
      expect(JSON.parse(body)).toMatchObject({ accepted: 0, rejected: 3 })
      // oxlint-disable-next-line no-control-regex
      expect(body).not.toMatch(/[\u0000-\u001f\u007f-\u009f]|\\u00/)
    }
    await canary()
  })

  it("parameters of a page that are none are as if they were not said", async () => {
    const values = [...names, "\u0000", "9".repeat(400), "-1", "2026-99-99", "__proto__", "a".repeat(9_000)]
    for (const value of values) {
      const one = encodeURIComponent(value)
      const query = ["range", "from", "to", "interval", "app", "version", "compare", "type", "group", "s1", "__proto__"]
        .filter((_, n) => one.length < 1_000 || n === 4).map((key) => `${key}=${one}`).join("&")
      for (const path of ["/", "/events", "/errors", "/funnel"]) {
        const answer = await Pages.page(target, cookie, `${path}?${query}`)
        expect([path, value.slice(0, 20), answer.status]).toEqual([path, value.slice(0, 20), 200])
        expect(answer.body).not.toMatch(/<img|<svg onload|<script>|href="\s*javascript:/i)
      }
    }
    await canary()
  })

  it("a cookie that is forged, or long, or twice there, is nobody's", async () => {
    for (const forged of ["et_dashboard=x", `et_dashboard=${"a".repeat(43)}`, `et_dashboard=${"a".repeat(9_000)}`]) {
      expect((await Pages.page(target, forged, "/events")).status).toBe(303)
      expect((await Pages.page(target, `${forged}; ${cookie}`, "/events")).status).toBe(303)
    }
    await canary()
  })

  it("a flood of forms is slowed down, whatever is in them, and ends nobody's visit", async () => {
    const seen: Array<Attacker.Answer> = []
    for (let n = 0; n < 30; n++) {
      seen.push(await Pages.attempt(target, n % 2 ? "nope" : "x".repeat(n % 3 ? 3_000 : 6_000)))
    }
    const statuses = seen.map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([401, 413, 429]))
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10)
    for (const { headers, status } of seen) if (status === 429) expect(headers["retry-after"]).toMatch(/^\d+$/)
    const form = { path: "/sign-in", key: null, type: "application/x-www-form-urlencoded" }
    const foreign = await Attacker.ask(target, { ...form, headers: ["Origin: https://evil.example"], body: "key=x" })
    expect(foreign.status).toBe(403)
    expect((await Attacker.ask(target, { ...form, type: "application/json", body: "{}" })).status).toBe(415)
    expect((await Pages.page(target, cookie, "/events")).status).toBe(200)
    await canary()
  })
})

describe("in the end, the collector", () => {
  it("took little memory, failed nowhere, and counted each ordinary event once", async () => {
    expect(await counted("canary")).toBe(canaries)
    expect(replica.child.err()).not.toMatch(/A request failed|Error|eti_|etr_|eta_/)
    const mib = (bytes: number) => (bytes / mebibyte).toFixed(0)
    const { peak } = Attacker.memory(target.pid)
    // Garbage that nobody has needed the room of yet is no growth: ordinary work needs it.
    for (let i = 0; i < 20 && Attacker.memory(target.pid).resident - before >= 64 * mebibyte; i++) await atWork()
    const { resident } = Attacker.memory(target.pid)
    process.stdout.write(
      `${Attacks.all.length} attacks: ${mib(before)} MiB before, ${mib(resident)} in the end, ${
        mib(most)
      } at most after one, ${mib(peak)} during one\n`
    )
    expect(resident - before).toBeLessThan(64 * mebibyte)
    expect(peak - before).toBeLessThan(128 * mebibyte)
  })
})
