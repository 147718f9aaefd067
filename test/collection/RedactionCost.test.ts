import { describe, expect, it } from "@effect/vitest"
import { nestedRepetitions, patterns } from "./regexps.js"

describe("the patterns of the redaction", () => {
  it("have no repetition without bound inside another", async () => {
    const all = await patterns()
    expect(all.length).toBeGreaterThan(60)
    for (const [file, source] of all) expect(nestedRepetitions(source), `${file}: ${source}`).toEqual([])
  })

  it("would be told of one that has", () => {
    expect(nestedRepetitions("(?:a+)+b")).toEqual(["(?:a+)+"])
    expect(nestedRepetitions("x(a|[b\\]]*c){2,}")).toEqual(["(a|[b\\]]*c){2,}"])
    expect(nestedRepetitions("((a*)b)*")).toEqual(["((a*)b)*"])
    expect(nestedRepetitions("(?<!a+)(?:a{1,9})+\\p{L}{3}[+*]+")).toEqual([])
  })
})
