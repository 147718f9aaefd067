import { describe, expect, it } from "@effect/vitest"
import * as Stream from "effect/Stream"
import * as StatusView from "../../src/cli/commands/statusView.js"

const shell = { interactive: false, progress: false, style: { color: false, columns: null }, lines: Stream.empty }

describe("the status as a person reads it", () => {
  it("what cannot be read is unknown, neither nothing nor null", () => {
    const shown = StatusView.human(StatusView.unreadable("/data", "the store is newer"), "ax telemetry")(shell)
    expect(shown).toMatch(/Stored +unknown/)
    expect(shown).toMatch(/Queue +unknown/)
    expect(shown).not.toMatch(/null|nothing stored|empty|Sent/)
  })
})
