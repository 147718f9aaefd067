import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as EventDefinition from "../../../src/domain/EventDefinition.js"
import * as Privacy from "../../../src/domain/Privacy.js"
import { event, start, tempDir, uuid4 } from "../support.js"
import { open, page, signedIn } from "./support.js"

const day = 86_400_000

const command = (name: string, duration: number, exitCode: number, days = 0) =>
  event({
    sessionId: uuid4(),
    timestamp: Date.now() - days * day,
    eventType: "command_executed",
    eventData: { command: name, args: [], duration, exitCode }
  })

const BuildFinished = EventDefinition.make("build_finished", {
  description: "A build has ended",
  purpose: "See how large builds are",
  metric: "files",
  dimension: "target",
  fields: { files: Privacy.allow(Schema.Number), target: Privacy.allow(Schema.String) }
})

describe("A type of event", () => {
  it.scopedLive("is led to from the list, and shown with its values, failures, percentiles and the period before", () =>
    Effect.gen(function*() {
      const client = yield* open
      yield* client.post([
        command("build", 1_500, 0),
        command("build", 2_500, 1),
        command("test", 90, 0),
        command("build", 10, 0, 31),
        event()
      ])
      const cookie = yield* signedIn(client)
      expect((yield* page(client, "/events?range=30d", cookie)).text).toContain(
        "<a href=\"/events?range=30d&amp;type=command_executed\"><code>command_executed</code></a>"
      )
      const { text } = yield* page(client, "/events?range=30d&type=command_executed", cookie)
      expect(text).toMatch(/<b>3<small class="">\+200 %, more than before \(1\)<\/small><\/b><span>command_executed</)
      expect(text).toMatch(/<b>1<small class="bad">none before/)
      expect(text).toContain("By command")
      expect(text).toMatch(/>build<\/a><\/div><\/th><td[^>]*><div>2<\/div><\/td><td[^>]*><div>50 %</)
      expect(text).toMatch(/Percentiles: duration/)
      expect(text).toMatch(/p99: 2\.\d+ s/)
      expect(text).not.toContain("feature_used")
      const csv = /href="(\/v1\/insights\/volume[^"]*format=csv)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? ""
      expect((yield* page(client, csv, cookie)).text).not.toContain("feature_used")
      const value = (yield* page(client, "/events?range=30d&type=command_executed&value=build", cookie)).text
      expect(value).toMatch(/<b>2<small class="">\+100 %, more than before \(1\)<\/small><\/b><span>build</)
      expect(value).toMatch(/Percentiles: duration/)
      expect(value).toContain("<input type=\"hidden\" name=\"value\" value=\"build\">")
      const usage = (yield* page(client, "/usage?range=30d", cookie)).text
      expect(usage).toContain("<a href=\"/events?range=30d&amp;type=command_executed&amp;value=build\">build</a>")
      expect(usage).toContain("<a href=\"/events?range=30d&amp;type=feature_used&amp;value=export\">export</a>")
      const none = (yield* page(client, "/events?type=nothing", cookie)).text
      expect(none).toContain("No event of the type nothing in this time.")
    }))

  it.scopedLive("that an application declared is broken down by its own dimension, in its own unit", () =>
    Effect.gen(function*() {
      const client = yield* Effect.flatMap(
        tempDir,
        (dir) => start(`sqlite:${dir}/collector.db`, { events: [BuildFinished] })
      )
      yield* client.post([
        event({ eventType: "build_finished", eventData: { files: 1_234, target: "web" } }),
        event({ eventType: "unheard_of", eventData: { files: 1 } })
      ])
      const cookie = yield* signedIn(client)
      const { text } = yield* page(client, "/events?type=build_finished", cookie)
      expect(text).toContain("By target")
      expect(text).toMatch(/>web<\/a><\/div><\/th>/)
      expect(text).toContain("p50: 1,234")
      const other = (yield* page(client, "/events?type=unheard_of", cookie)).text
      expect(other).toContain("Nothing breaks this type down")
      expect(other).not.toContain("Percentiles")
    }))
})
