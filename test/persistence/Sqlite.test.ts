import { suite } from "../suites/persistence.js"
import { layerTemporary } from "../suites/sqlite.js"

suite("SQLite", () => layerTemporary)
