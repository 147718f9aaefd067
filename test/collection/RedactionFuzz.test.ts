import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Redaction from "../../src/collection/Redaction.js"
import { carrier, lookalike } from "./carriers.js"
import { secrets } from "./secrets.js"

const redactor = Redaction.make()

/** Kinds that are told by themselves, wherever they stand. */
const bare = secrets.filter(({ text }) => text === undefined).map(({ secret }) => secret)
  // What is quoted or encoded already would be so twice.
  .filter((secret) => !/["\n%\\]/.test(secret))

/** Half of a secret is left; what stands in its place does not count, and what carries it was made without it. */
const survives = (secret: string, out: string): boolean => {
  const rest = out.replace(/\[[a-z-]+\]/g, "\0")
  return rest.includes(secret.slice(0, Math.ceil(secret.length / 2))) ||
    rest.includes(secret.slice(-Math.ceil(secret.length / 2)))
}

const digits = (n: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: n, maxLength: n })
const name = fc.stringMatching(/^[qxzjkv][a-z]{5,8}q$/)

const withCheck = (all: ReadonlyArray<number>): string => {
  const sum = all.reduce((sum, d, i) => sum + ((all.length - i) % 2 === 1 ? (d * 2 > 9 ? d * 2 - 9 : d * 2) : d), 0)
  return [...all, (10 - sum % 10) % 10].join("")
}

/** Made up anew each time, unlike the planted ones. */
const made: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(name, name, fc.constantFrom("com", "de", "co.uk", "io")).map(([a, b, tld]) => `${a}.${b}@${b}-mail.${tld}`),
  digits(14).map((rest) => withCheck([4, ...rest])),
  fc.tuple(fc.integer({ min: 201, max: 989 }), fc.integer({ min: 201, max: 989 }), fc.integer({ min: 1000, max: 9999 }))
    .map(([a, b, c]) => `+1 ${a}-${b}-${c}`),
  fc.tuple(fc.integer({ min: 11, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join(".")),
  fc.ipV6().filter((ip) => ip.split(":").length === 8 && !ip.includes("::") && /\d/.test(ip)),
  fc.stringMatching(/^gh[ops]_[A-Za-z0-9]{36}$/),
  fc.stringMatching(/^sk_live_[A-Za-z0-9]{24}$/),
  name.map((user) => `/home/${user}/x`),
  fc.tuple(name, fc.stringMatching(/^[a-z0-9]{8,20}$/)).map(([user, pass]) =>
    `postgres://${user}:${pass}@db.example.com/x`
  ),
  fc.stringMatching(/^eyJ[A-Za-z0-9_-]{20,60}\.eyJ[A-Za-z0-9_-]{20,60}\.[A-Za-z0-9_-]{43}$/)
)

const secretOf = (text: string): string => /^\/home\/(\w+)|:\/\/([^@]+)@/.exec(text)?.slice(1).find(Boolean) ?? text

describe("redaction of made-up texts", () => {
  it("finds what is private in documents, stacks, addresses, logs and headers", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...bare), made), carrier, (secret, carry) => {
        const text = carry(secret)
        expect(survives(secretOf(secret), redactor.text(text)), text).toBe(false)
      }),
      { numRuns: 3000 }
    )
  })

  it("finds it in keys and values, at any depth", () => {
    const depth = fc.array(fc.boolean(), { maxLength: 5 })
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...bare), made), depth, (secret, wrapping) => {
        const value = wrapping.reduce<unknown>(
          (inner, isArray) => isArray ? [inner, 1] : { [`at ${secret} x`]: inner, n: 2 },
          { toJSON: () => ({ note: `is ${secret} ok` }) }
        )
        expect(survives(secretOf(secret), JSON.stringify(redactor.value(value)))).toBe(false)
      }),
      { numRuns: 500 }
    )
  })

  it("leaves what developers need to read, alone and together", () => {
    let changed = 0
    let total = 0
    fc.assert(
      fc.property(fc.array(lookalike, { minLength: 1, maxLength: 3 }), carrier, (texts, carry) => {
        for (const text of [texts.join(" "), carry(texts[0]!)]) {
          total++
          if (redactor.text(text) !== text) changed++
        }
      }),
      { numRuns: 3000 }
    )
    expect(total).toBe(6000)
    // A hash that happens to hold sixteen digits in a row, a time that happens to be a card.
    expect(changed / total).toBeLessThan(0.01)
  })
})
