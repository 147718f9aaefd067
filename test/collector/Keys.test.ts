import { keys } from "../suites/collector/keys.js"
import { sqlite } from "./support.js"

keys(sqlite)
