import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { event, uuid4 } from "../support.js"
import { open, page, signedIn } from "./support.js"

const used = (version: string, featureName: string) =>
  event({ app: { name: "ax", version }, sessionId: uuid4(), eventData: { featureName, enabled: true } })

const ofAll = "Of all versions: these figures are not kept by version."

describe("A card", () => {
  it.scopedLive("says so where its figures are of all versions though one was chosen, and exports the same", () =>
    Effect.gen(function*() {
      const client = yield* open
      yield* client.post([
        used("1.0.0", "export"),
        used("1.0.0", "export"),
        used("1.0.0", "export"),
        used("2.0.0", "x")
      ])
      const cookie = yield* signedIn(client)
      const usage = (yield* page(client, "/usage?version=2.0.0", cookie)).text
      expect(usage).toContain(ofAll)
      expect(usage).not.toMatch(/href="\/v1\/insights\/dimensions[^"]*version=/)
      // Three of the four sessions of all versions, and not of the one of that version.
      expect(usage).toContain("75 %")
      const events = (yield* page(client, "/events?version=2.0.0", cookie)).text
      expect(events).not.toContain(ofAll)
      expect(events).toMatch(/href="\/v1\/insights\/volume[^"]*version=2\.0\.0/)
      expect((yield* page(client, "/usage", cookie)).text).not.toContain(ofAll)
      const one = (yield* page(client, "/performance?version=2.0.0&value=build", cookie)).text
      expect(one).not.toMatch(/href="\/v1\/insights\/latency[^"]*version=/)
    }))

  it.scopedLive("says how much longer its list is", () =>
    Effect.gen(function*() {
      const client = yield* open
      yield* client.post(Array.from({ length: 30 }, (_, i) => used(`1.${i}.0`, `feature ${i}`)))
      const cookie = yield* signedIn(client)
      expect((yield* page(client, "/usage", cookie)).text).toContain("5 more: the exports have them all.")
      expect((yield* page(client, "/audience", cookie)).text).toContain("18 more: the exports have them all.")
    }))
})

describe("A chart", () => {
  it.scopedLive("marks a release once, however many versions came in its time, and what is not over", () =>
    Effect.gen(function*() {
      const client = yield* open
      yield* client.post(Array.from({ length: 300 }, (_, i) => used(`1.0.0-${i}`, "export")))
      const cookie = yield* signedIn(client)
      const { text } = yield* page(client, "/events", cookie)
      expect(text.match(/class="marker"/g)).toHaveLength(1)
      expect(text).toMatch(/1\.0\.0-\d+, 1\.0\.0-\d+, 1\.0\.0-\d+ and 297 more<\/title>/)
      const today = new Date().toISOString().slice(0, 10)
      expect(text).toContain(`<title>${today}, so far\nfeature_used: 300`)
      const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
      const before = (yield* page(client, `/events?from=${yesterday}&to=${yesterday}`, cookie)).text
      expect(before).not.toContain("so far")
    }))
})
