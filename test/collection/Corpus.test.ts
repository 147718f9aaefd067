import { describe, expect, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { redactText } from "../../src/collection/Redaction.js"
import { lookalikes, secrets } from "./secrets.js"

/**
 * A corpus of literals from public projects may lie beside the project. It is read where it is present; everywhere else the
 * small set of these tests has to reach the same marks, so that they never pass for want of something to look at.
 */
const corpus = "../shared/data/pii"

interface Row {
  readonly text: string
  readonly tier: number
  readonly secrets: ReadonlyArray<string>
  readonly keep: ReadonlyArray<string>
}

const rows = (name: string): ReadonlyArray<Row> =>
  existsSync(`${corpus}/${name}.jsonl.gz`)
    ? gunzipSync(readFileSync(`${corpus}/${name}.jsonl.gz`)).toString("utf8").trim().split("\n")
      .map((line): Row => ({ secrets: [], keep: [], ...JSON.parse(line) })).filter((row) => row.tier === 1)
    : []

const dirty: ReadonlyArray<Row> = [
  ...secrets.map(({ secret, text }) => ({ text: text ?? secret, tier: 1, secrets: [secret], keep: [] })),
  ...rows("must_redact")
]
const clean: ReadonlyArray<Row> = [
  ...lookalikes.map((text) => ({ text, tier: 1, secrets: [], keep: [] })),
  ...rows("must_keep")
]

/** A fragment of a third of the secret, and of four characters at least, that the rest of the text does not hold. */
const leaks = ({ secrets, text }: Row): boolean => {
  const out = redactText(text).replace(/\[[a-z-]+\]/g, "\0")
  return secrets.some((secret) => {
    const rest = text.split(secret).join("\0")
    const length = Math.min(secret.length, Math.max(4, Math.ceil(secret.length * 0.34)))
    return Array.from({ length: secret.length - length + 1 }, (_, i) => secret.slice(i, i + length))
      .some((part) => out.includes(part) && !rest.includes(part))
  })
}

const share = (part: number, whole: number): number => part / whole * 100

describe(`the corpus (${dirty.length} texts with a secret, ${clean.length} without)`, () => {
  it("loses at most 2 of 100 secrets", () => {
    expect(dirty.length).toBeGreaterThan(50)
    const missed = dirty.filter(leaks)
    expect(share(dirty.length - missed.length, dirty.length), missed.map((row) => row.text).join("\n"))
      .toBeGreaterThanOrEqual(98)
  })

  it("changes at most 1 of 100 texts that only look alike", () => {
    expect(clean.length).toBeGreaterThan(40)
    const changed = clean.filter(({ text }) => redactText(text) !== text)
    expect(share(clean.length - changed.length, clean.length), changed.map((row) => row.text).join("\n"))
      .toBeGreaterThanOrEqual(99)
  })

  it("keeps what stands around a secret in at least 97 of 100 texts", () => {
    const carriers = dirty.filter(({ keep }) => keep.length > 0)
    const kept = carriers.filter(({ keep, text }) => keep.every((part) => redactText(text).includes(part)))
    expect(carriers.length === 0 ? 100 : share(kept.length, carriers.length)).toBeGreaterThanOrEqual(97)
    expect(redactText("sent to jane@example.com, retrying")).toBe("sent to [email], retrying")
  })

  it("redacts what is redacted no further", () => {
    for (const { text } of [...dirty, ...clean]) expect(redactText(redactText(text))).toBe(redactText(text))
  })
})
