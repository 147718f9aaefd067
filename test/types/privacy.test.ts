import { describe, expectTypeOf, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Privacy from "../../src/domain/Privacy.js"
import type { ConsentedEvent, EventContext, RawEvent, RedactedEvent } from "../../src/domain/TelemetryEvent.js"
import type { AppendGroup } from "../../src/persistence/EventStore.js"
import type { Batch } from "../../src/submission/Transport.js"

const Sample = EventDefinition.make("sample", {
  description: "d",
  purpose: "p",
  fields: {
    a: Privacy.allow(Schema.Number),
    b: Privacy.optional(Privacy.hash(Schema.String)),
    c: Privacy.flags()
  }
})

declare const raw: RawEvent<typeof Sample>
declare const redacted: RedactedEvent
declare const context: EventContext

describe("the types of privacy", () => {
  it("gives `track` the type of the declared fields", () => {
    expectTypeOf<EventDefinition.Data<typeof Sample>>().toEqualTypeOf<
      { readonly a: number; readonly b?: string | undefined; readonly c: ReadonlyArray<string> }
    >()
  })

  it("does not compile a field without privacy, a cut of what is not text, or a raw event where a redacted one is due", () => {
    const never = (): void => {
      EventDefinition.make("bad", {
        description: "d",
        purpose: "p",
        // @ts-expect-error a plain schema says nothing about privacy
        fields: { a: Schema.String }
      })
      // @ts-expect-error only text can be cut
      Privacy.truncate(Schema.Number, 5)
      // @ts-expect-error only text can be hashed
      Privacy.hash(Schema.Boolean)
      EventDefinition.make("bad", {
        description: "d",
        purpose: "p",
        // @ts-expect-error the metric is one of the fields
        metric: "missing",
        fields: { a: Privacy.allow(Schema.Number) }
      })
      EventDefinition.make("bad", {
        description: "d",
        purpose: "p",
        // @ts-expect-error and that one is a number
        metric: "a",
        fields: { a: Privacy.redact(Schema.String), b: Privacy.optional(Privacy.allow(Schema.Int)) }
      })
      // @ts-expect-error nothing has redacted a raw event
      const stored: RedactedEvent = raw
      // @ts-expect-error and one that looks like it has not been through the encoder
      const forged: RedactedEvent = { id: "", type: "", time: 0, data: "{}", rate: 1, suppressed: 0, context }
      // @ts-expect-error nobody has admitted a redacted event to be sent
      const sent: ConsentedEvent = redacted
      // @ts-expect-error a store takes redacted events only
      const group: AppendGroup["events"] = [raw]
      // @ts-expect-error a transport takes consented events only
      const batch: Batch["events"] = [redacted]
      return [stored, forged, sent, group, batch].forEach(() => undefined)
    }
    expectTypeOf(never).toBeFunction()
  })
})
