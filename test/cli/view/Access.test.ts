import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Access from "../../../src/cli/view/Access.js"

const token = "secret"
const host = "127.0.0.1:4321"

const decide = (url: string, headers: Access.Facts["headers"] = {}, method = "GET") =>
  Access.decide({ method, url, headers: { host, ...headers } }, token, 4321)

const refusal = (verdict: Access.Verdict): number | null => verdict._tag === "Refused" ? verdict.status : null

describe("who may come in", () => {
  it.each([
    ["/secret/", "/"],
    ["/secret", ""],
    ["/secret/queue?days=7", "/queue?days=7"],
    ["/secret?x=1", "?x=1"]
  ])("%s is admitted, and the token is taken off", (url, rest) => {
    expect(decide(url)).toEqual({ _tag: "Admitted", url: rest })
  })

  it.each(["/", "", "/secre/", "/secret2/", "/Secret/", "//secret/", "/x/secret/", "/%73ecret/", "secret", "*"])(
    "%s is refused",
    (url) => {
      expect(refusal(decide(url))).toBe(403)
    }
  )

  it.each([
    "evil.example",
    "evil.example:4321",
    "127.0.0.1",
    "127.0.0.1:80",
    "localhost.evil.example:4321",
    "127.0.0.1:4321.evil.example",
    "[::1]:4321",
    "LOCALHOST:4321 ",
    ""
  ])("nobody is let in under the name %j", (name) => {
    expect(refusal(decide("/secret/", { host: name }))).toBe(403)
    expect(refusal(decide("/secret/", { host: undefined }))).toBe(403)
  })

  it("under the name localhost it is the same machine", () => {
    expect(refusal(decide("/secret/", { host: "localhost:4321" }))).toBe(null)
  })

  it.each(["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"])("%s is not understood", (method) => {
    expect(refusal(decide("/secret/", {}, method))).toBe(405)
  })

  it.each([
    [{ origin: "http://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "http://127.0.0.1:9999" }],
    [{ origin: `https://${host}` }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site" }],
    [{ origin: `http://${host}`, "sec-fetch-site": "none" }]
  ])("a form from %j is refused, even with the token", (headers) => {
    expect(refusal(decide("/secret/consent", headers, "POST"))).toBe(403)
    expect(refusal(decide("/secret/queue", headers))).toBe(null)
  })

  it("a form of our own pages is admitted, and one of a program that sends no origin", () => {
    const own = { origin: `http://${host}`, "sec-fetch-site": "same-origin" }
    expect(refusal(decide("/secret/consent", own, "POST"))).toBe(null)
    expect(refusal(decide("/secret/consent", {}, "POST"))).toBe(null)
  })
})

it.effect("secrets are long, differ from each other and from run to run", () =>
  Effect.gen(function*() {
    const [a, b] = [yield* Access.makeSecrets, yield* Access.makeSecrets]
    const all = [a.token, a.form, b.token, b.form]
    expect(new Set(all).size).toBe(4)
    for (const secret of all) expect(secret).toMatch(/^[\w-]{32}$/)
  }))
