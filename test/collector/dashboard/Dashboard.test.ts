import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { Alerts, Keys, Rollups } from "../../../src/collector/index.js"
import { type Client, event, query, start, tempDir } from "../support.js"
import { open, page, signedIn, signIn } from "./support.js"

const paths = ["/", "/events", "/usage", "/performance", "/errors", "/audience", "/funnel", "/ingest", "/alerts"]

const hostile = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"'`"

const error = (errorType: string) =>
  event({
    eventType: "error_occurred",
    eventData: {
      errorType,
      severity: "medium",
      category: "runtime",
      fingerprint: "a1b2c3d4e5f60718",
      recoverable: true
    }
  })

const fill = (client: Client) =>
  Effect.zipRight(
    client.post([
      event({ eventData: { featureName: hostile, enabled: true } }),
      event({ eventData: { featureName: "=1+1", enabled: true }, app: { name: "other", version: hostile } }),
      event({ eventType: "command_executed", eventData: { command: hostile, duration: 12, success: true } }),
      error(hostile),
      query(10)
    ]),
    client.use(Effect.flatMap(Rollups.Rollups, (rollups) => rollups.fold))
  )

describe("The dashboard", () => {
  it.scopedLive("shows who is not signed in a form, and on an empty collector what to do next", () =>
    Effect.gen(function*() {
      const client = yield* open
      const home = yield* page(client, "/", "")
      expect(home.status).toBe(200)
      expect(home.text).toContain("keys create --role ingest")
      expect(home.text).toContain(client.url)
      for (const path of paths.slice(1)) expect((yield* page(client, path, "")).status).toBe(303)
      const inside = yield* page(client, "/", yield* signedIn(client))
      expect(inside.text).toContain("keys create --role ingest")
      expect(inside.text).not.toContain("Sign in here")
    }))

  it.scopedLive("shows every page with nothing in it, and with hostile names as text only", () =>
    Effect.gen(function*() {
      const client = yield* open
      const cookie = yield* signedIn(client)
      for (const path of paths) expect((yield* page(client, path, cookie)).status, path).toBe(200)
      yield* fill(client)
      for (
        const path of [
          ...paths,
          `/errors?group=${encodeURIComponent(hostile)}`,
          `/funnel?s1=${encodeURIComponent(hostile)}`,
          `/?app=${encodeURIComponent(hostile)}`
        ]
      ) {
        const { headers, status, text } = yield* page(client, path, cookie)
        expect(status, path).toBe(200)
        expect(text, path).not.toMatch(/<script|<img|onerror=[^&]*>/)
        expect(headers.get("content-security-policy")).toBe(
          "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        expect(headers.get("x-content-type-options")).toBe("nosniff")
        expect(headers.get("cache-control")).toBe("no-store")
      }
      expect((yield* page(client, "/usage", cookie)).text).toContain("&lt;/td&gt;&lt;script&gt;")
    }))

  it.scopedLive("gives a cookie that no script reads and no other site sends, bound to the host behind TLS", () =>
    Effect.gen(function*() {
      const client = yield* open
      const plain = yield* signIn(client, client.keys.read)
      expect(plain.status).toBe(303)
      expect(plain.headers.get("set-cookie")).toMatch(
        /^et_dashboard=[\w-]{43}; HttpOnly; SameSite=Lax; Path=\/; Max-Age=604800$/
      )
      const behind = yield* signIn(client, client.keys.admin, { "x-forwarded-proto": "https" })
      expect(behind.headers.get("set-cookie")).toMatch(/^__Host-et_dashboard=[\w-]{43}; .*; Secure$/)
    }))

  it.scopedLive("answers every key that does not open it alike", () =>
    Effect.gen(function*() {
      const client = yield* open
      const service = Context.get(client.context, Keys.Keys)
      const revoked = yield* Effect.orDie(service.create({ role: "read" }))
      yield* Effect.orDie(service.revoke(revoked.id))
      const answers = yield* Effect.forEach(["", "nonsense", client.keys.ingest, revoked.key], (key) =>
        signIn(client, key))
      expect(
        new Set(answers.map(({ status }) =>
          status
        ))
      ).toEqual(new Set([401]))
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
      expect(answers.every(({ headers }) => headers.get("set-cookie") === null)).toBe(true)
    }))

  it.scopedLive("is open until sign-out, or until the key is revoked, in other processes too", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/collector.db`)
      const service = Context.get(client.context, Keys.Keys)
      const made = yield* Effect.orDie(service.create({ role: "read" }))
      const cookie = yield* signedIn(client, made.key)
      const other = yield* start(`sqlite:${dir}/collector.db`)
      expect((yield* page(other, "/events", cookie)).status).toBe(200)
      expect(Fs.readFileSync(`${dir}/collector.db`).includes(cookie.split("=")[1] ?? "?")).toBe(false)
      yield* Effect.orDie(service.revoke(made.id))
      expect((yield* page(other, "/events", cookie)).status).toBe(303)
      const again = yield* signedIn(client)
      expect(
        (yield* client.request("/sign-out", { method: "POST", headers: { cookie: again }, redirect: "manual" })).status
      )
        .toBe(303)
      expect((yield* page(client, "/events", again)).status).toBe(303)
    }))

  it.scopedLive("is open for a week, and no longer", () =>
    Effect.gen(function*() {
      const client = yield* open
      const cookie = yield* signedIn(client)
      const sql = Context.get(client.context, SqlClient.SqlClient)
      const [left] = yield* Effect.orDie(sql<{ millis: number }>`SELECT expires_at - ${Date.now()} AS millis
        FROM dashboard_sessions`)
      expect(left!.millis / 86_400_000).toBeCloseTo(7, 2)
      expect((yield* page(client, "/events", cookie)).status).toBe(200)
      yield* Effect.orDie(sql`UPDATE dashboard_sessions SET expires_at = ${Date.now()}`)
      expect((yield* page(client, "/events", cookie)).status).toBe(303)
    }))

  it.scopedLive("leads who signs in to the page that was asked for, and nowhere else", () =>
    Effect.gen(function*() {
      const client = yield* open
      const asked = `/errors?range=7d&group=${encodeURIComponent(hostile)}`
      const { headers } = yield* page(client, asked, "")
      const { text } = yield* page(client, headers.get("location") ?? "", "")
      const to = (/name="to" value="([^"]*)"/.exec(text)?.[1] ?? "").replaceAll("&amp;", "&")
      expect(to).toMatch(/^\/errors\?range=7d&group=%3C%2Ftd%3E/)
      const wrong = yield* signIn(client, "nonsense", {}, to)
      expect(wrong.text).toContain(`name="to" value="${to.replaceAll("&", "&amp;")}"`)
      expect((yield* signIn(client, client.keys.read, {}, to)).headers.get("location")).toBe(to)
      for (
        const elsewhere of [
          "//evil.example/",
          "https://evil.example/errors",
          "/\\evil.example",
          "/v1/insights/volume",
          ""
        ]
      ) {
        expect((yield* signIn(client, client.keys.read, {}, elsewhere)).headers.get("location"), elsewhere).toBe("/")
      }
      const odd = yield* signIn(client, client.keys.read, {}, "/events?a=%0d%0aset-cookie:x&b=\r\nx")
      expect(odd.headers.get("location")).toBe("/events?a=%0D%0Aset-cookie%3Ax&b=%0D%0Ax")
      expect((yield* page(client, "/?range=7d", "")).text).toContain("name=\"to\" value=\"/?range=7d\"")
      expect((yield* page(client, "/?to=https://evil.example", "")).text).not.toContain("evil")
      expect((yield* page(client, `/?app=${"x".repeat(3_000)}`, "")).text).not.toContain("name=\"to\"")
    }))

  it.scopedLive("takes no form that another site sent", () =>
    Effect.gen(function*() {
      const client = yield* open
      for (
        const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]
      ) {
        expect((yield* signIn(client, client.keys.read, headers)).status).toBe(403)
      }
      expect((yield* signIn(client, client.keys.read, { origin: client.url })).status).toBe(303)
    }))

  it.scopedLive("lets nobody try keys without end", () =>
    Effect.gen(function*() {
      const client = yield* open
      const statuses = yield* Effect.forEach(Array.from({ length: 12 }), () =>
        Effect.map(signIn(client, "wrong"), ({ status }) => status))
      expect(statuses.at(-1)).toBe(429)
    }))

  it.scopedLive("shows a key bound to an application that application only, on pages and in exports", () =>
    Effect.gen(function*() {
      const client = yield* open
      yield* fill(client)
      const bound = yield* Effect.orDie(Context.get(client.context, Keys.Keys).create({ role: "read", app: "other" }))
      const cookie = yield* signedIn(client, bound.key)
      const usage = yield* page(client, "/usage?app=ax", cookie)
      expect(usage.text).toContain("=1+1")
      expect(usage.text).not.toContain(
        "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&#96;</a>"
      )
      const answer = yield* page(client, "/v1/insights/volume", cookie)
      expect(answer.body.rows.map((row: { readonly count: number }) => row.count)).toEqual([1])
      expect((yield* page(client, "/v1/insights/volume?app=ax", cookie)).status).toBe(403)
      const ingest = yield* page(client, "/v1/insights/ingest?interval=month", cookie)
      expect(ingest.body.rows.map((row: { readonly accepted: number }) => row.accepted)).toEqual([1])
    }))

  it.scopedLive("shows which alerts fire, with what and in words, and to a bound key those of its application", () =>
    Effect.gen(function*() {
      const client = yield* open
      const cookie = yield* signedIn(client)
      for (const app of ["ax", "other", undefined]) {
        const rule = yield* Alerts.Rule.make({
          kind: "events",
          name: app === "other" ? hostile : undefined,
          app,
          above: app === "ax" ? "1" : "0",
          url: "https://hooks.example/SECRET"
        })
        yield* client.use(Alerts.Rules.add(rule, { sign: false }))
      }
      yield* fill(client)
      expect((yield* page(client, "/", cookie)).text).not.toContain(">Alerts</h2>")
      yield* client.use(Effect.flatMap(Alerts.Alerts, ({ run }) => run))
      const { text } = yield* page(client, "/", cookie)
      expect(text).toContain(">Alerts</h2>")
      expect(text.match(/badge bad">firing<\/span>/g)).toHaveLength(3)
      expect(text).toContain(
        "<a href=\"/events?range=24h&amp;app=other\">events of other above 0 in an hour</a> (&lt;/td&gt;&lt;script&gt;"
      )
      expect(text).toMatch(/>events above 0 in an hour<\/a>: 3, since <time/)
      expect(text).not.toContain("SECRET")
      const bound = yield* client.use(Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "read", app: "other" })))
      const theirs = (yield* page(client, "/", yield* signedIn(client, bound.key))).text
      expect(theirs.match(/badge bad">firing<\/span>/g)).toHaveLength(1)
      expect(theirs).toContain("events of other above 0")
      const all = (yield* page(client, "/alerts", cookie)).text
      expect(all.match(/badge bad">firing<\/span>/g)).toHaveLength(3)
      expect(all).not.toMatch(/SECRET|hooks\.example|name="from"/)
      expect(all).toContain(">events above 0 in an hour</a>")
      const own = (yield* page(client, "/alerts", yield* signedIn(client, bound.key))).text
      expect(own.match(/<tr role="row"><th scope="row"/g)).toHaveLength(1)
    }).pipe(Effect.orDie))

  it.scopedLive("gives every card as JSON and CSV that no spreadsheet runs, by cookie and by key", () =>
    Effect.gen(function*() {
      const client = yield* open
      yield* fill(client)
      const cookie = yield* signedIn(client)
      for (const path of [...paths, "/funnel?s1=feature_used"]) {
        const { text } = yield* page(client, path, cookie)
        for (const [, link = ""] of text.matchAll(/href="(\/v1\/[^"]*)"/g)) {
          expect((yield* page(client, link.replaceAll("&amp;", "&"), cookie)).status, link).toBe(200)
        }
      }
      const csv = yield* client.request("/v1/insights/dimensions?eventType=feature_used&format=csv", {
        headers: { "x-api-key": client.keys.read }
      })
      expect(csv.headers.get("content-type")).toContain("text/csv")
      expect(csv.text).toContain("\r\n'=1+1,1,")
      expect((yield* client.request("/v1/insights/volume")).status).toBe(401)
      expect((yield* page(client, "/v1/insights/nothing", cookie)).status).toBe(400)
    }))
})
