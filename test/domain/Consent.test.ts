import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Overrides from "../../src/consent/Overrides.js"
import * as Consent from "../../src/domain/Consent.js"
import * as ConsentChange from "../../src/domain/ConsentChange.js"
import * as Level from "../../src/domain/Level.js"
import { type RedactedEvent, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"

const noRestrictions: Consent.Restrictions = Overrides.none

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`

let counter = 0
const fresh = (now: number): ConsentChange.Fresh => ({
  now,
  newEpochId: uuid(++counter),
  newInstallationId: uuid(++counter),
  newHashKey: `key-${++counter}`
})

const terms = (over: Partial<ConsentChange.Terms> = {}): ConsentChange.Terms => ({
  policyVersion: 1,
  origin: "https://a.example",
  ...over
})

const resolve = (record: Consent.Input["record"], over: Partial<Consent.Input> = {}): Consent.Effective =>
  Consent.resolve({ record, overrides: noRestrictions, policyVersion: 1, configuredMaxLevel: null, ...over })

const captured = (effective: Consent.Effective): RedactedEvent =>
  unsafeRedacted({
    id: uuid(1),
    type: "x",
    time: 0,
    data: "{}",
    rate: 1,
    suppressed: 0,
    context: {
      sessionId: uuid(2),
      installationId: effective.installationId,
      app: { name: "a", version: "1" },
      epoch: effective.epoch!.id,
      level: effective.level,
      remote: effective.remote
    }
  })

const local = ConsentChange.grant(null, terms(), fresh(1))
const remote = ConsentChange.grant(null, terms({ remote: true, level: "full" }), fresh(1))

describe("which source decides", () => {
  const on = (over: Partial<Consent.Restrictions>): Consent.Restrictions => ({ ...noRestrictions, ...over })
  const table: ReadonlyArray<readonly [string, Consent.Reason, Partial<Consent.Input>]> = [
    ["nobody was asked", "not-asked", { record: null }],
    ["the person has consented", "consented", {}],
    ["the person has opted out", "opted-out", { record: ConsentChange.withdraw(remote, 2) }],
    ["the record cannot be read", "unreadable", { record: "unreadable" }],
    ["the policy is newer than the consent", "policy-changed", { policyVersion: 2 }],
    ["the consent is for a newer policy", "consented", { policyVersion: 0 }],
    ["a granted record without an epoch", "not-asked", { record: { ...remote, epochs: [] } }],
    ["the project says no", "project", { overrides: on({ projectDisabled: true }) }],
    ["the notice could not be shown", "notice-failed", { overrides: on({ noticeFailed: true }) }],
    ["CI", "ci", { overrides: on({ ci: true }) }],
    ["the application's variable", "disabled-by-env", { overrides: on({ disabledByEnv: true }) }],
    ["DO_NOT_TRACK", "do-not-track", { overrides: on({ doNotTrack: true }) }],
    ["project before notice", "project", { overrides: on({ projectDisabled: true, noticeFailed: true }) }],
    ["unreadable before project", "unreadable", { record: "unreadable", overrides: on({ projectDisabled: true }) }],
    ["settings that were refused", "unreadable", { overrides: on({ refused: "settings.json is damaged" }) }],
    ["opted out before refused settings", "opted-out", {
      record: ConsentChange.withdraw(remote, 2),
      overrides: on({ refused: "settings.json is damaged", projectDisabled: true })
    }],
    ["CI before unreadable", "ci", { record: "unreadable", overrides: on({ ci: true, projectDisabled: true }) }],
    ["the variable before CI", "disabled-by-env", { overrides: on({ ci: true, disabledByEnv: true }) }],
    ["DO_NOT_TRACK before all", "do-not-track", {
      record: "unreadable",
      overrides: {
        doNotTrack: true,
        disabledByEnv: true,
        ci: true,
        projectDisabled: true,
        noticeFailed: true,
        maxLevel: null
      }
    }]
  ]
  for (const [name, reason, input] of table) {
    it(`${name}: ${reason}`, () => {
      const effective = resolve(remote, input)
      assert.strictEqual(effective.reason, reason)
      assert.strictEqual(effective.enabled, reason === "consented")
      assert.strictEqual(effective.epoch !== null, reason === "consented")
      assert.strictEqual(effective.sendable.size, reason === "consented" ? 1 : 0)
      assert.strictEqual(effective.remote, reason === "consented")
      assert.strictEqual(effective.installationId !== null, reason === "consented")
    })
  }

  it("keeps the time of the opt-out in sight whatever decides", () => {
    const record = ConsentChange.withdraw(remote, 77)
    assert.strictEqual(resolve(record).optedOutAt, 77)
    assert.strictEqual(resolve(record, { overrides: on({ ci: true }) }).optedOutAt, 77)
    assert.strictEqual(resolve("unreadable").optedOutAt, null)
  })

  for (const granted of Level.all) {
    for (const environment of [null, ...Level.all]) {
      for (const configured of [null, ...Level.all]) {
        it(`consent ${granted}, environment ${environment}, configuration ${configured}: the lowest holds`, () => {
          const record = ConsentChange.grant(null, terms({ level: granted, remote: true }), fresh(1))
          const { installationId, level } = resolve(record, {
            overrides: on({ maxLevel: environment }),
            configuredMaxLevel: configured
          })
          const lowest = Math.min(...[granted, environment ?? granted, configured ?? granted].map(Level.rank))
          assert.strictEqual(Level.rank(level), lowest)
          assert.strictEqual(installationId === null, level === "basic")
        })
      }
    }
  }
})

describe("grants", () => {
  it("are basic and local unless more is said", () => {
    const epoch = Consent.standing(local)!
    assert.strictEqual(epoch.level, "basic")
    assert.isFalse(epoch.remote)
    assert.isNull(epoch.origin)
    assert.isNull(local.installationId)
    assert.isNotNull(local.hashKey)
  })

  it("with sending are bound to the origin of the endpoint", () => {
    assert.strictEqual(Consent.standing(remote)!.origin, "https://a.example")
    assert.isTrue(Consent.coversEndpoint(resolve(remote), "https://a.example/v1/events"))
    assert.isFalse(Consent.coversEndpoint(resolve(remote), "https://a.example:8443/v1/events"))
    assert.isFalse(Consent.coversEndpoint(resolve(remote), "https://b.example/v1/events"))
    assert.isFalse(Consent.coversEndpoint(resolve(remote), "not a url"))
    assert.isFalse(Consent.coversEndpoint(resolve(local), "https://a.example/v1/events"))
  })

  it("without an endpoint cover none", () => {
    const record = ConsentChange.grant(null, terms({ remote: true, origin: null }), fresh(1))
    assert.isFalse(Consent.coversEndpoint(resolve(record), "https://a.example/v1/events"))
  })

  it("of the same terms change nothing", () => {
    assert.strictEqual(ConsentChange.grant(remote, terms({ remote: true, level: "full" }), fresh(2)), remote)
    assert.strictEqual(ConsentChange.grant(remote, terms(), fresh(2)), remote)
  })

  it("of another origin, level or policy open a new epoch", () => {
    for (
      const change of [{ origin: "https://b.example" }, { level: "basic" as const }, { policyVersion: 2, remote: true }]
    ) {
      const record = ConsentChange.grant(remote, terms(change), fresh(2))
      assert.lengthOf(record.epochs, 2)
      assert.notStrictEqual(record.epochs[1]!.id, record.epochs[0]!.id)
    }
  })

  it("at a lower level leave earlier epochs sendable and forget the installation", () => {
    const record = ConsentChange.grant(remote, terms({ level: "basic" }), fresh(2))
    assert.strictEqual(resolve(record).sendable.size, 2)
    assert.isNull(record.installationId)
  })

  it("under a newer policy start over: basic, and sending has to be said again", () => {
    const epoch = Consent.standing(ConsentChange.grant(remote, terms({ policyVersion: 2 }), fresh(2)))!
    assert.strictEqual(epoch.level, "basic")
    assert.isFalse(epoch.remote)
  })

  it("after an opt-out get an installation id and a key that nothing ties to the old ones", () => {
    const again = ConsentChange.grant(
      ConsentChange.withdraw(remote, 2),
      terms({ remote: true, level: "full" }),
      fresh(3)
    )
    assert.notStrictEqual(again.installationId, remote.installationId)
    assert.notStrictEqual(again.hashKey, remote.hashKey)
    assert.isNull(again.optedOutAt)
  })
})

describe("grants by the application", () => {
  const asked = terms({ remote: true, level: "full" })

  it("are grants where nobody has said anything", () => {
    assert.isTrue(resolve(ConsentChange.grantByApplication(null, asked, fresh(1))).remote)
  })

  it("of the same terms continue the epoch", () => {
    const record = ConsentChange.grantByApplication(null, asked, fresh(1))
    assert.strictEqual(ConsentChange.grantByApplication(record, asked, fresh(2)), record)
  })

  it("do not touch an opt-out", () => {
    const record = ConsentChange.withdraw(remote, 2)
    assert.strictEqual(ConsentChange.grantByApplication(record, asked, fresh(3)), record)
  })

  it("do not bring sending back that a person has ended", () => {
    const record = ConsentChange.withdrawRemote(remote, fresh(2))
    const next = ConsentChange.grantByApplication(record, asked, fresh(3))
    assert.isFalse(resolve(next).remote)
    const byPerson = ConsentChange.grant(next, terms({ remote: true }), fresh(4))
    assert.isTrue(resolve(ConsentChange.grantByApplication(byPerson, asked, fresh(5))).remote)
  })

  it("do not add sending to a local consent that a person gave after an opt-out", () => {
    const record = ConsentChange.grant(ConsentChange.withdraw(remote, 2), terms(), fresh(3))
    assert.isFalse(resolve(ConsentChange.grantByApplication(record, asked, fresh(4))).remote)
  })
})

describe("withdrawals", () => {
  it("are kept with their time, even when nobody was asked", () => {
    const record = ConsentChange.withdraw(null, 5)
    assert.strictEqual(record.optedOutAt, 5)
    assert.strictEqual(resolve(record).reason, "opted-out")
    assert.strictEqual(ConsentChange.withdraw(record, 9).optedOutAt, 5)
  })

  it("of sending alone let recording go on under a new epoch", () => {
    const effective = resolve(ConsentChange.withdrawRemote(remote, fresh(2)))
    assert.isTrue(effective.enabled)
    assert.strictEqual(effective.level, "full")
    assert.isFalse(effective.remote)
    assert.strictEqual(effective.sendable.size, 0)
    assert.notStrictEqual(effective.epoch!.id, remote.epochs[0]!.id)
  })

  it("of sending alone without a consent are opt-outs", () => {
    assert.strictEqual(resolve(ConsentChange.withdrawRemote(null, fresh(2))).reason, "opted-out")
  })

  it("of sending alone are what an explicit grant without sending is, too", () => {
    const record = ConsentChange.grant(remote, terms({ remote: false }), fresh(2))
    assert.strictEqual(resolve(record).sendable.size, 0)
    assert.strictEqual(record.remoteOptedOutAt, 2)
  })

  it("keep what was buffered before them from being committed", () => {
    const before = captured(resolve(remote))
    assert.isTrue(Consent.mayCommit(before, resolve(remote)))
    assert.isTrue(Consent.mayCommit(before, resolve(ConsentChange.grant(remote, terms({ level: "basic" }), fresh(2)))))
    const out = ConsentChange.withdraw(remote, 2)
    assert.isFalse(Consent.mayCommit(before, resolve(out)))
    assert.isFalse(Consent.mayCommit(before, resolve(ConsentChange.grant(out, terms({ remote: true }), fresh(3)))))
  })
})

type Step =
  | { readonly kind: "grant" | "app"; readonly level: Level.Level | undefined; readonly remote: boolean | undefined }
  | { readonly kind: "withdraw" | "withdrawRemote" | "track" }

const step: FastCheck.Arbitrary<Step> = FastCheck.oneof(
  FastCheck.record({
    kind: FastCheck.constantFrom("grant" as const, "app" as const),
    level: FastCheck.constantFrom(undefined, ...Level.all),
    remote: FastCheck.constantFrom(undefined, true, false)
  }),
  FastCheck.record({ kind: FastCheck.constantFrom("withdraw" as const, "withdrawRemote" as const, "track" as const) })
)

describe("over any history", () => {
  it.prop("nothing recorded before remote consent, and nothing before a withdrawal, is ever admitted", [
    FastCheck.array(step, { maxLength: 30 })
  ], ([steps]) => {
    let record: Consent.ConsentRecord | null = null
    let now = 0
    const never: Array<RedactedEvent> = []
    let open: Array<RedactedEvent> = []
    for (const action of steps) {
      now++
      if (action.kind === "track") {
        const effective = resolve(record)
        if (!effective.enabled) continue
        const event = captured(effective)
        if (effective.remote) open.push(event)
        else never.push(event)
      } else if (action.kind === "withdraw" || action.kind === "withdrawRemote") {
        record = action.kind === "withdraw"
          ? ConsentChange.withdraw(record, now)
          : ConsentChange.withdrawRemote(record, fresh(now))
        never.push(...open)
        open = []
      } else if ("level" in action) {
        const change = action.kind === "grant" ? ConsentChange.grant : ConsentChange.grantByApplication
        record = change(record, terms({ level: action.level, remote: action.remote }), fresh(now))
        if (action.remote === false) {
          never.push(...open)
          open = []
        }
      }
      const effective = resolve(record)
      for (const event of never) assert.isNull(Consent.admit(event, effective))
      for (const event of open) {
        assert.strictEqual(
          Consent.admit(event, effective) !== null,
          Level.includes(effective.level, event.context.level)
        )
      }
      assert.strictEqual(effective.sendable.size > 0, effective.remote)
      assert.strictEqual(effective.epoch !== null, effective.enabled)
    }
  })

  it.prop("a restriction can only take away", [
    FastCheck.array(step, { maxLength: 12 }),
    FastCheck.record({
      doNotTrack: FastCheck.boolean(),
      disabledByEnv: FastCheck.boolean(),
      ci: FastCheck.boolean(),
      projectDisabled: FastCheck.boolean(),
      noticeFailed: FastCheck.boolean(),
      maxLevel: FastCheck.constantFrom(null, ...Level.all)
    }),
    FastCheck.constantFrom(null, ...Level.all)
  ], ([steps, overrides, configuredMaxLevel]) => {
    let record: Consent.ConsentRecord | null = null
    let now = 0
    for (const action of steps) {
      now++
      if (action.kind === "withdraw") record = ConsentChange.withdraw(record, now)
      else if (action.kind === "withdrawRemote") record = ConsentChange.withdrawRemote(record, fresh(now))
      else if ("level" in action) {
        record = ConsentChange.grant(record, terms({ level: action.level, remote: action.remote }), fresh(now))
      }
    }
    const free = resolve(record)
    const held = resolve(record, { overrides, configuredMaxLevel })
    assert.isTrue(free.enabled || !held.enabled)
    assert.isTrue(free.remote || !held.remote)
    assert.isTrue(Level.includes(free.level, held.level))
    for (const id of held.sendable.keys()) assert.isTrue(free.sendable.has(id))
  })
})
