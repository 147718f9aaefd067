import { layerMemory } from "../../src/persistence/Memory.js"
import { suite } from "../suites/rollups.js"
import { layerTemporary } from "../suites/sqlite.js"

suite("memory", () => layerMemory)
suite("SQLite", () => layerTemporary)
