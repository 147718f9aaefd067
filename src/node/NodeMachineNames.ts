/**
 * The names of the machine and of the person logged in, as Node knows them.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as os from "node:os"
import * as path from "node:path"
import { MachineNames, type Names } from "../collection/MachineNames.js"

const variables = ["USER", "LOGNAME", "USERNAME", "SUDO_USER"]

/** There is none for a user without an entry, as in a container. */
const accountName = (): ReadonlyArray<string> => {
  try {
    return [os.userInfo().username]
  } catch {
    return []
  }
}

const home = (): ReadonlyArray<string> => {
  const directory = process.env["HOME"] ?? process.env["USERPROFILE"]
  return directory === undefined ? [] : [path.basename(directory)]
}

const read = (): Names => {
  const host = os.hostname()
  return {
    users: [...accountName(), ...home(), ...variables.flatMap((name) => process.env[name] ?? [])],
    hosts: [host, host.split(".")[0] ?? host, process.env["COMPUTERNAME"] ?? host]
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<MachineNames> = Layer.succeed(MachineNames, read)
