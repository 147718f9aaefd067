/**
 * This process, and whether another one still runs.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import { randomUUID } from "node:crypto"
import { Process } from "../scheduling/Process.js"
import { code } from "./SafeFile.js"

/**
 * Is it certain that no process with this id runs on this machine? Anything but a clear no from the system counts as
 * running: a process of another person, a number that is no process id.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isGone = (pid: number): boolean => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return code(error) === "ESRCH"
  }
}

/**
 * An owner of its own for each time the layer is built: two in one process do not take each other's leases for their own.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Process> = Layer.sync(Process, () => ({
  owner: { id: randomUUID(), pid: process.pid },
  isGone
}))
