import { insights } from "../suites/collector/insights.js"
import { sqlite } from "./support.js"

insights(sqlite)
