import { alerts } from "../suites/collector/alerts.js"
import { sqlite } from "./support.js"

alerts(sqlite)
