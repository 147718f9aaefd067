import { otlp } from "../suites/collector/otlp.js"
import { sqlite } from "./support.js"

otlp(sqlite)
