import { plans } from "../suites/collector/plans.js"
import { sqlite } from "./support.js"

plans(sqlite)
