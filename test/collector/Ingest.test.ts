import { ingest } from "../suites/collector/ingest.js"
import { sqlite } from "./support.js"

ingest(sqlite)
