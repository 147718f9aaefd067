import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { Settings } from "../../src/persistence/Settings.js"

/** What every implementation of `Settings` must do. `provide` gives an empty one each time. */
export const suite = (
  name: string,
  provide: <A, E>(effect: Effect.Effect<A, E, Settings>) => Effect.Effect<A, E, Scope>
) =>
  describe(`Settings ${name}`, () => {
    it.scoped("are empty at first", () =>
      Effect.gen(function*() {
        const settings = yield* Settings
        expect(yield* settings.all).toEqual({})
      }).pipe(provide))

    it.scoped("keep texts as typed, trimmed, and several at once", () =>
      Effect.gen(function*() {
        const settings = yield* Settings
        yield* settings.update({ interval: " 30 seconds ", burst: "5" })
        yield* settings.update({ "batch-size": "10" })
        expect(yield* settings.all).toEqual({ interval: "30 seconds", burst: "5", "batch-size": "10" })
      }).pipe(provide))

    it.scoped("remove with null, also what was never set", () =>
      Effect.gen(function*() {
        const settings = yield* Settings
        yield* settings.update({ burst: "5", debug: "true" })
        yield* settings.update({ burst: null, level: null })
        expect(yield* settings.all).toEqual({ debug: "true" })
      }).pipe(provide))

    it.scoped("change nothing when one of several is refused", () =>
      Effect.gen(function*() {
        const settings = yield* Settings
        yield* settings.update({ burst: "5" })
        const error = yield* Effect.flip(settings.update({ "batch-size": "7", burst: "0" }))
        expect(error.message).toMatch(/^the setting burst is "0": give a whole number/)
        expect(yield* settings.all).toEqual({ burst: "5" })
      }).pipe(provide))

    it.scoped("can remove a value that would be refused today", () =>
      Effect.gen(function*() {
        const settings = yield* Settings
        yield* settings.update({ burst: "5" })
        yield* settings.update({ burst: null, "rate-limit": "10" })
        expect(yield* settings.all).toEqual({ "rate-limit": "10" })
      }).pipe(provide))
  })
