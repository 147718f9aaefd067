import { rollups } from "../suites/collector/rollups.js"
import { sqlite } from "./support.js"

rollups(sqlite)
