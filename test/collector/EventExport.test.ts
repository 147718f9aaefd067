import { exporting } from "../suites/collector/export.js"
import { sqlite } from "./support.js"

exporting(sqlite)
