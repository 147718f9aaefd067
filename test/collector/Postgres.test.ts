import { erasure } from "../suites/collector/erasure.js"
import { keys } from "../suites/collector/keys.js"
import { rollups } from "../suites/collector/rollups.js"
import { server } from "../suites/collector/server.js"
import { embedded } from "./postgres.js"

const backend = embedded()

keys(backend)
server(backend)
rollups(backend)
erasure(backend)
