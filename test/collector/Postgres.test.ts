import { alerts } from "../suites/collector/alerts.js"
import { erasure } from "../suites/collector/erasure.js"
import { exporting } from "../suites/collector/export.js"
import { ingest } from "../suites/collector/ingest.js"
import { insights } from "../suites/collector/insights.js"
import { keys } from "../suites/collector/keys.js"
import { otlp } from "../suites/collector/otlp.js"
import { plans } from "../suites/collector/plans.js"
import { retention } from "../suites/collector/retention.js"
import { rollups } from "../suites/collector/rollups.js"
import { server } from "../suites/collector/server.js"
import { weeksOfSubjects } from "../suites/collector/weeks.js"
import { embedded } from "./postgres.js"

const backend = embedded()

keys(backend)
server(backend)
rollups(backend)
erasure(backend)
exporting(backend)
ingest(backend)
otlp(backend)
retention(backend)
insights(backend)
weeksOfSubjects(backend)
plans(backend)
alerts(backend)
