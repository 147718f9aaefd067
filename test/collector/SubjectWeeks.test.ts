import { weeksOfSubjects } from "../suites/collector/weeks.js"
import { sqlite } from "./support.js"

weeksOfSubjects(sqlite)
