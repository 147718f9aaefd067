import "fake-indexeddb/auto"
import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Page } from "../../src/browser/Page.js"
import * as SettingsLocal from "../../src/browser/SettingsLocal.js"
import * as BrowserStore from "../../src/browser/storage/BrowserStore.js"
import * as Ids from "../../src/domain/Ids.js"
import * as Persistence from "../suites/persistence.js"
import * as Rollups from "../suites/rollups.js"
import * as Settings from "../suites/settings.js"
import { page } from "./page.js"

const layer = () =>
  BrowserStore.layer("shop").pipe(
    Layer.provide(Layer.merge(Ids.layerSeeded(1), Layer.succeed(Page, page())))
  )

const denied = () =>
  BrowserStore.layer("shop").pipe(
    Layer.provide(Layer.merge(Ids.layerSeeded(1), Layer.succeed(Page, page({ indexedDB: null }))))
  )

describe("the store of the browser", () => {
  Persistence.suite("IndexedDB", layer)
  Rollups.suite("IndexedDB", layer)
  Persistence.suite("a browser that denies IndexedDB", denied)
  Settings.suite(
    "in localStorage",
    (effect) => Effect.provide(effect, SettingsLocal.layer("shop").pipe(Layer.provide(Layer.succeed(Page, page()))))
  )
})
