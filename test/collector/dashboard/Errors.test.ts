import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { event } from "../support.js"
import { open, page, signedIn } from "./support.js"

const day = 86_400_000

const error = (app: string, errorType: string, days: number, changes: object = {}) =>
  event({
    app: { name: app, version: "1.0.0" },
    timestamp: Date.now() - days * day,
    eventType: "error_occurred",
    eventData: {
      errorType,
      fatal: false,
      severity: "ERROR",
      category: "network",
      fingerprint: "same",
      count: 1,
      ...changes
    }
  })

/** Names of groups in the order of the page. */
const groups = (text: string): ReadonlyArray<string | undefined> =>
  [...text.matchAll(/<th scope="row"[^>]*><div><a href="\/errors\?[^"]*group=[^"]*">([^<]*)/g)].map(([, name]) => name)

describe("Errors", () => {
  it.scopedLive("of two applications are told apart, though their fingerprints are the same", () =>
    Effect.gen(function*() {
      const client = yield* open
      yield* client.post([error("ax", "Ours", 1), error("ax", "Ours", 1), error("shop", "Theirs", 1)])
      const cookie = yield* signedIn(client)
      const { text } = yield* page(client, "/errors", cookie)
      expect(text).toContain(">Application</th>")
      const links = [...text.matchAll(/href="(\/errors\?[^"]*group=same[^"]*)"/g)].map(([, link = ""]) =>
        link.replaceAll("&amp;", "&")
      )
      const shown = yield* Effect.forEach(links, (link) => page(client, link, cookie))
      expect(shown.map((one) => /<h2[^>]*>(Ours|Theirs)</.exec(one.text)?.[1])).toEqual(["Ours", "Theirs"])
      expect((yield* page(client, "/errors?app=ax", cookie)).text).not.toContain(">Application</th>")
      expect((yield* page(client, "/", cookie)).text).toContain("<span class=\"quiet\">shop</span>")
    }))

  it.scopedLive("are put in the order that is asked for, and marked where they are new or critical", () =>
    Effect.gen(function*() {
      const client = yield* open
      const many = error("ax", "Many", 60, { fingerprint: "many" })
      yield* client.post([
        many,
        ...Array.from({ length: 3 }, () => error("ax", "Many", 2, { fingerprint: "many" })),
        error("ax", "Fresh", 1, { fingerprint: "fresh", severity: "CRITICAL" })
      ])
      const cookie = yield* signedIn(client)
      const { text } = yield* page(client, "/errors", cookie)
      expect(groups(text)).toEqual(["Many", "Fresh"])
      expect(text).toMatch(/>Fresh<\/a> <span class="badge warn">new<\/span> <span class="badge bad">critical<\/span>/)
      expect(text).not.toMatch(/>Many<\/a> <span class="badge/)
      for (const sort of ["new", "last"]) {
        const sorted = yield* page(client, `/errors?sort=${sort}`, cookie)
        expect(groups(sorted.text), sort).toEqual(["Fresh", "Many"])
        expect(sorted.text).toContain(`<input type="hidden" name="sort" value="${sort}">`)
      }
      expect(groups((yield* page(client, "/errors?sort=constructor", cookie)).text)).toEqual(["Many", "Fresh"])
    }))
})
