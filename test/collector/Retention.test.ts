import { retention } from "../suites/collector/retention.js"
import { sqlite } from "./support.js"

retention(sqlite)
