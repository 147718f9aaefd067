import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { afterEach, beforeEach, vi } from "vitest"
import * as Consent from "../../src/beacon/Consent.js"
import * as Overrides from "../../src/consent/Overrides.js"
import * as Domain from "../../src/domain/Consent.js"
import { endpoint, store } from "./stubs.js"

const setUp = (text?: string) => {
  const texts = new Map<string, string>(text === undefined ? [] : [["consent", text]])
  const at = (url = endpoint, policyVersion = 1) => Consent.make(store(texts), "consent", url, policyVersion)
  /** What the browser entry makes of the same record. */
  const domain = () => {
    const text = texts.get("consent")
    const record = text === undefined ? null : Schema.decodeUnknownSync(Schema.parseJson(Domain.ConsentRecord))(text)
    return Domain.resolve({ record, overrides: Overrides.none, policyVersion: 1, configuredMaxLevel: null })
  }
  return { texts, at, domain }
}

const epoch = (changes: Partial<Domain.Epoch> = {}): Domain.Epoch => ({
  id: "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
  policyVersion: 1,
  level: "full",
  remote: true,
  origin: endpoint.origin,
  grantedAt: 1,
  remoteEndedAt: null,
  ...changes
})

const record = (changes: Partial<Domain.ConsentRecord> = {}): string =>
  JSON.stringify(
    Schema.encodeSync(Domain.ConsentRecord)({
      version: 1,
      state: "granted",
      epochs: [epoch()],
      optedOutAt: null,
      remoteOptedOutAt: null,
      installationId: "7d444840-9dc0-41d1-b245-5ffdce74fad2",
      hashKey: "a key",
      noticeShownAt: 1,
      erasures: [],
      ...changes
    })
  )

describe("a beacon's consent", () => {
  beforeEach(() => void vi.stubGlobal("navigator", {}))
  afterEach(() => void vi.unstubAllGlobals())

  it.each([{ globalPrivacyControl: true }, { doNotTrack: "1" }, { doNotTrack: "yes" }])(
    "is weaker than what the browser was told: %j",
    (signals) => {
      vi.stubGlobal("navigator", signals)
      assert.strictEqual(setUp(record()).at().current().reason, "do-not-track")
    }
  )

  it("is not there before anybody was asked, and looking writes nothing", () => {
    const { at, texts } = setUp()
    assert.deepStrictEqual(at().current(), { reason: "not-asked", epoch: null, sendable: [] })
    assert.strictEqual(texts.size, 0)
  })

  it("that was given is the same grant for the browser entry, at level basic and bound to the origin", () => {
    const { at, domain } = setUp()
    at().enable()
    const found = domain()
    assert.isTrue(found.enabled && found.remote)
    assert.strictEqual(found.level, "basic")
    assert.strictEqual(found.epoch?.id, at().current().epoch)
    assert.isTrue(Domain.coversEndpoint(found, endpoint.href))
  })

  it("that the browser entry has recorded holds, with its epoch", () => {
    const { at } = setUp(record())
    assert.deepStrictEqual(at().current(), { reason: "consented", epoch: epoch().id, sendable: [epoch().id] })
  })

  it("that is withdrawn is withdrawn for both, and the record of everything else stays", () => {
    const { at, domain, texts } = setUp(record())
    at().disable()
    assert.strictEqual(at().current().reason, "opted-out")
    assert.strictEqual(domain().reason, "opted-out")
    const kept = Schema.decodeUnknownSync(Schema.parseJson(Domain.ConsentRecord))(texts.get("consent"))
    assert.strictEqual(kept.hashKey, "a key")
    assert.isNull(kept.installationId)
    assert.isTrue(kept.epochs.every(({ remoteEndedAt }) => remoteEndedAt !== null))
  })

  it("given again after a withdrawal is another grant: what was recorded under the first is never sent", () => {
    const { at } = setUp(record())
    at().disable()
    at().enable()
    const { epoch: now, sendable } = at().current()
    assert.notStrictEqual(now, epoch().id)
    assert.strictEqual(sendable.length, 1)
    assert.strictEqual(sendable[0], now)
  })

  it.each<[string, Consent.Reason]>([
    ["{", "unreadable"],
    ["[]", "unreadable"],
    [record({ state: "withdrawn", optedOutAt: 2 }), "opted-out"],
    [record({ epochs: [epoch({ remote: false, origin: null })] }), "opted-out"],
    [record({ epochs: [epoch({ remoteEndedAt: 2 })] }), "opted-out"],
    [record({ epochs: [epoch({ policyVersion: 0 })] }), "policy-changed"],
    [record({ epochs: [epoch({ origin: "https://elsewhere.example.com" })] }), "endpoint"],
    [record({ epochs: [epoch({ origin: null })] }), "endpoint"]
  ])("is off: %s is %s", (text, reason) => {
    assert.deepStrictEqual(setUp(text).at().current(), { reason, epoch: null, sendable: [] })
  })

  it.each(["http://telemetry.example.com/v1/events", "ftp://localhost/"])("covers no address like %s", (url) => {
    const { at } = setUp(record({ epochs: [epoch({ origin: new URL(url).origin })] }))
    assert.strictEqual(at(new URL(url)).current().reason, "endpoint")
  })
})
