import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Redaction from "../../src/collection/Redaction.js"
import * as Policy from "../../src/Policy.js"
import { hostile } from "./hostile.js"
import { lookalikes, secrets } from "./secrets.js"

const { redactText } = Redaction

/** What remains of a secret is told by its halves: a rule that leaves one has not done its work. */
const survives = (secret: string, text: string): boolean =>
  text.includes(secret.slice(0, Math.ceil(secret.length / 2))) ||
  text.includes(secret.slice(-Math.ceil(secret.length / 2)))

describe("redactText", () => {
  it.each(secrets.map(({ kind, secret, text, token }) => [kind, text ?? secret, secret, token] as const))(
    "removes %s: %s",
    (_, text, secret, token) => {
      const out = redactText(text)
      expect(survives(secret, out)).toBe(false)
      expect(out).toContain(token)
    }
  )

  it.each(lookalikes)("leaves alone: %s", (text) => {
    expect(redactText(text)).toBe(text)
  })

  it("keeps what stands around a secret", () => {
    expect(redactText("at parse (/Users/jane.doe/app/src/parse.ts:10:5)")).toBe(
      "at parse (/Users/[user]/app/src/parse.ts:10:5)"
    )
    expect(redactText("C:\\Users\\Jane Doe\\AppData\\x.log is missing")).toBe(
      "C:\\Users\\[user]\\AppData\\x.log is missing"
    )
    expect(redactText("C:\\Users\\jane is missing")).toBe("C:\\Users\\[user] is missing")
    expect(redactText("postgres://admin:hunter2pw@db.example.com:5432/app")).toBe(
      "postgres://[credentials]@db.example.com:5432/app"
    )
    expect(redactText("retry=2;password=abc;action=login")).toBe("retry=2;password=[secret];action=login")
    expect(redactText("{\"user\":\"x\",\"password\":\"a b\",\"count\":5}")).toBe(
      "{\"user\":\"x\",\"password\":\"[secret]\",\"count\":5}"
    )
    expect(redactText("{\\\"password\\\":\\\"a b\\\",\\\"count\\\":5}")).toBe(
      "{\\\"password\\\":\\\"[secret]\\\",\\\"count\\\":5}"
    )
    expect(redactText("call +49 30 1234567, then mail a@b.example")).toBe("call [phone], then mail [email]")
    expect(redactText("fail -----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY----- end")).toBe(
      "fail [private-key] end"
    )
  })

  it("redacts to the end of the text where a private key has none", () => {
    expect(redactText("key: -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7")).toBe("key: [private-key]")
  })

  it("changes nothing the second time", () => {
    const part = fc.oneof(
      fc.constantFrom(...secrets.map(({ secret, text }) => text ?? secret), ...lookalikes),
      fc.string({ maxLength: 12 }),
      fc.constantFrom("@", ":", "=", "/", "\\", "\"", " ", "-", ".", "password", "[", "]", "%40", "://", "\n")
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const once = redactText(parts.join(""))
        expect(redactText(once)).toBe(once)
      }),
      { numRuns: 2000 }
    )
  })

  it("finds a secret between any words", () => {
    const carrier = fc.constantFrom(
      (s: string) => `failed for ${s} again`,
      (s: string) => `line1\n${s}\nline3`,
      (s: string) => `(${s}).`,
      (s: string) => `[${s}]`,
      (s: string) => `{"value":"${s}","count":5}`,
      (s: string) => `用户 ${s} 登录`,
      (s: string) => `Error: '${s}' at step 3`,
      (s: string) => `args: --to ${s} --verbose`,
      (s: string) => `x=1;user=${s};y=2`
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...secrets.filter(({ text }) => text === undefined)),
        carrier,
        ({ secret }, carry) => {
          expect(survives(secret, redactText(carry(secret)))).toBe(false)
        }
      ),
      { numRuns: 1000 }
    )
  })

  it("looks at a bounded part of a text and cuts the rest", () => {
    const out = redactText("word ".repeat(100_000))
    expect(out.length).toBeLessThanOrEqual(Policy.maxTextLength)
    expect(redactText("x".repeat(Policy.maxTextLength - 10) + " jane.doe@example.com")).not.toContain("jane")
  })

  it("comes to an end on every hostile text", () => {
    for (const [name, make] of hostile) {
      expect(redactText(make(Policy.maxTextLength)).length, name).toBeGreaterThan(0)
      const once = redactText(make(Policy.maxTextLength / 4))
      expect(redactText(once), name).toBe(once)
    }
  })
})

describe("Redactor.value", () => {
  const redactor = Redaction.make({
    fields: ["Internal-Code"],
    patterns: [{ name: "ticket", pattern: /TICKET-\d+/ }],
    words: ["janedoe", "root", "box"],
    users: ["mary.major", "pi"],
    hosts: ["zeta-9", "zeta-9.lan.example", "localhost"]
  })

  it("replaces fields with private names, at any depth, in any case and with any separator", () => {
    const private_ = [
      "password",
      "PassWord",
      "PASSWORD",
      "db_password",
      "user.password",
      "passwd",
      "apiKey",
      "API_KEY",
      "x-api-key",
      "api key",
      "accessToken",
      "token",
      "secret",
      "client-secret",
      "authorization",
      "Cookie",
      "set-cookie",
      "credentials",
      "privateKey",
      "email",
      "userEmail",
      "E-Mail",
      "phoneNumber",
      "firstName",
      "SSN",
      "key",
      "internalCode",
      "INTERNAL_CODE",
      "password2",
      "newPassword1",
      "userToken2",
      "email2",
      "user name",
      "streetAddress",
      "dateOfBirth",
      "place_of_birth",
      "DOB",
      "JSESSIONID",
      "PHPSESSID",
      "social security"
    ]
    for (const name of private_) {
      expect(redactor.value({ a: [{ [name]: "plain" }] }), name).toEqual({ a: [{ [name]: "[redacted]" }] })
    }
  })

  it("leaves fields that only sound alike", () => {
    const open = {
      monkey: "x",
      keyboard: "x",
      tokenCount: 5,
      maxTokens: 4096,
      tokens: 12,
      passwordLength: 8,
      hasPassword: true,
      primaryKey: "x",
      author: "x",
      secretName: "x",
      auth0: "x",
      sha256: "x",
      errorCode: "x",
      orderNo: "x",
      emailCount: 3,
      token: null
    }
    expect(redactor.value(open)).toEqual(open)
  })

  it("replaces a private field as a whole", () => {
    expect(redactor.value({ credentials: { user: "a", list: [1] }, pin: 1234 })).toEqual({
      credentials: "[redacted]",
      pin: "[redacted]"
    })
    // Of a long name only the beginning is read, whatever it is asked for: the rest could be megabytes.
    expect(Object.values(Object(redactor.value({ [`password ${"x ".repeat(100)}tokens`]: 5 })))).toEqual(["[redacted]"])
  })

  it("redacts text, names and card numbers wherever they are", () => {
    expect(redactor.value([{ "jane@example.com": { n: 4111111111111111, m: 4111111111111112n } }])).toEqual([
      { "[email]": { n: "[card]", m: "[card]" } }
    ])
    expect(redactor.value([-4111111111111111, -4111111111111112n, -12.5])).toEqual(["[card]", "-[card]", -12.5])
    expect(redactor.value({ at: 1699390800000, ns: 1699390800123456, n: 12.5, z: -0 })).toEqual({
      at: 1699390800000,
      ns: "[card]",
      n: 12.5,
      z: 0
    })
  })

  it("knows the application's own patterns and words", () => {
    expect(redactor.text("TICKET-7 of JaneDoe on box, by root and janedoes")).toBe(
      "[ticket] of [redacted] on box, by root and janedoes"
    )
    expect(redactor.text("T")).toBe("T")
  })

  it("takes a pattern that finds nothing everywhere, one bound to a place, and any name", () => {
    const odd = Redaction.make({
      patterns: [
        { name: "none", pattern: /x*/ },
        { name: "sticky", pattern: /TICKET-\d+/y },
        { name: "a\"b\\c\nd\ud800$&", pattern: /invoice/ }
      ]
    })
    const text = "see TICKET-7 and TICKET-8, "
    expect(odd.text(text.repeat(1_000))).toBe("see [sticky] and [sticky], ".repeat(1_000))
    expect(odd.value({ invoice: "an invoice" })).toEqual({ "[abcd$&]": "an [abcd$&]" })
  })

  it("knows the names of the person logged in and of the machine, but not those that every machine has", () => {
    expect(redactor.text("Mary.Major@zeta-9:~$ ls, zeta-9.lan.example is pi on localhost")).toBe(
      "[user]@[host]:~$ ls, [host] is pi on localhost"
    )
    expect(Redaction.make({ users: ["email"] }).text("a@b.example, email")).toBe("[email], [user]")
  })

  it.each<readonly [string, unknown, unknown]>([
    ["NaN and infinities", [NaN, Infinity, -Infinity], [null, null, null]],
    ["a big integer", 12n, "12"],
    ["an enormous integer", 2n ** 4000n, null],
    ["functions, symbols and undefined", { a: () => 1, b: Symbol("s"), c: undefined, d: [() => 1] }, { d: [null] }],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a date that is none", new Date(NaN), null],
    ["an error", new TypeError("for a@b.example"), { name: "TypeError", message: "for [email]" }],
    ["texts that are objects", { a: new String("for a@b.example"), b: [Object("4111111111111111")] }, {
      a: "for [email]",
      b: ["[card]"]
    }],
    ["an object that is only called like one", { [Symbol.toStringTag]: "Stream", a: 1 }, { a: 1 }],
    ["numbers that are objects", [Object(4111111111111111), Object(1.5), Object(true), Object(12n)], [
      "[card]",
      1.5,
      true,
      "12"
    ]],
    ["bytes", new Uint8Array(3), "[bytes]"],
    ["a lone surrogate and NUL", "a\ud800b\0c", "a\uFFFDb\uFFFDc"],
    ["a pair of surrogates", "😀", "😀"],
    ["an object with toJSON", { toJSON: () => ({ to: "a@b.example", token: "x" }), a: 1 }, {
      to: "[email]",
      token: "[redacted]"
    }],
    ["a URL", { at: new URL("https://jane:pw@example.com/x?token=abc123") }, {
      at: "https://[credentials]@example.com/x?token=[secret]"
    }],
    ["an object whose toJSON throws", { a: { toJSON: () => fail() }, b: 1 }, { a: "[unreadable]", b: 1 }],
    ["an object whose toJSON gives itself", selfish(), "[circular]"],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ["a getter that throws", {
      get a() {
        throw new Error("no")
      },
      b: 1
    }, { a: "[unreadable]", b: 1 }],
    ["a revoked proxy", { a: revoked(), b: 1 }, { a: "[unreadable]", b: 1 }],
    ["__proto__", JSON.parse("{\"__proto__\":{\"polluted\":1},\"a\":1}"), { a: 1 }]
  ])("takes %s", (_, value, expected) => {
    const out = redactor.value(value)
    expect(out).toEqual(expected)
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
  })

  it("ends at cycles and at the depth it looks to", () => {
    const cycle: Record<string, unknown> = { a: 1 }
    cycle["self"] = cycle
    expect(redactor.value(cycle)).toEqual({ a: 1, self: "[circular]" })
    let deep: unknown = "bottom"
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(JSON.stringify(redactor.value(deep)).length).toBeLessThan(50)
  })

  it("does not follow a structure that grows as it is read", () => {
    const wide = (): object => ({
      get a() {
        return wide()
      },
      get b() {
        return wide()
      },
      c: "x".repeat(10_000)
    })
    expect(JSON.stringify(redactor.value(wide())).length).toBeLessThan(64 * Policy.maxEventBytes)
  })

  it("never throws, gives what JSON can hold, and changes nothing it is given", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true }),
        (value) => {
          const before = fc.stringify(value)
          const json = redactor.jsonValue(value)
          if (json !== undefined) JSON.parse(json)
          expect(fc.stringify(value)).toBe(before)
        }
      ),
      { numRuns: 1000 }
    )
  })
})

function fail(): never {
  throw new Error("no")
}

function selfish(): object {
  const value = { toJSON: () => value }
  return value
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
