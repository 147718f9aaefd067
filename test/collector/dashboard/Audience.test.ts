import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { event, uuid4 } from "../support.js"
import { open, page, signedIn } from "./support.js"

const day = 86_400_000

describe("Weekly retention", () => {
  it.scopedLive("keeps its rows on a phone, and marks the week that is not over", () =>
    Effect.gen(function*() {
      const client = yield* open
      const [first, second] = [uuid4(), uuid4()]
      const seen = (installationId: string, days: number) =>
        event({ installationId, level: "enhanced", sessionId: uuid4(), timestamp: Date.now() - days * day })
      yield* client.post([seen(first, 14), seen(first, 7), seen(first, 0), seen(second, 14)])
      const { text } = yield* page(client, "/audience?range=30d", yield* signedIn(client))
      expect(text).toContain("<table role=\"table\" class=\"rows\">")
      const cells = [...text.matchAll(/<span class="heat h\d( open)?">(\d+) %/g)].map(([, open, n]) => [n, open])
      expect(cells).toEqual([["100", undefined], ["50", undefined], ["50", " open"]])
    }))
})

describe("Web Vitals", () => {
  it.scopedLive("are rated by three of four measurements", () =>
    Effect.gen(function*() {
      const client = yield* open
      const measured = (metric: string, rating: string, n: number) =>
        Array.from({ length: n }, () => event({ eventType: "web_vital", eventData: { metric, value: 1, rating } }))
      yield* client.post([
        ...measured("LCP", "good", 3),
        ...measured("LCP", "poor", 1),
        ...measured("INP", "good", 2),
        ...measured("INP", "needs-improvement", 2),
        ...measured("CLS", "good", 2),
        ...measured("CLS", "poor", 2)
      ])
      const { text } = yield* page(client, "/performance", yield* signedIn(client))
      const found = [...text.matchAll(/<div>(LCP|INP|CLS)<\/div><\/th>.*?<span class="badge \w+">([^<]*)</g)]
      expect(Object.fromEntries(found.map(([, metric, rating]) => [metric, rating]))).toEqual({
        LCP: "good",
        INP: "needs improvement",
        CLS: "poor"
      })
    }))
})
