/**
 * A connection that is being made keeps a Node process alive, whatever is unref'd: behind a firewall that swallows packets,
 * for minutes. So while one is, this looks from time to time whether the process waits for nothing else, and gives up then.
 *
 * @since 0.1.0
 */

const intervalMillis = 100

/** What Node calls the requests to connect and to resolve a name. */
const connecting = /^(?:TCP|Pipe)?Connect(?:Req)?Wrap$|^GetAddrInfo(?:Req)?Wrap$/i

const pending = new Set<() => void>()
let timer: NodeJS.Timeout | undefined

/** Standard output and error are counted as soon as they were used once, though they keep nothing alive. */
const idle = (stream: NodeJS.WriteStream): string => stream.isTTY ? "TTYWrap" : "connecting" in stream ? "PipeWrap" : ""

/**
 * Does the process wait for our connections and nothing else? `resources` is what keeps it alive, `standard` what of it
 * belongs to its standard streams.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isAllThatWaits = (
  resources: ReadonlyArray<string>,
  standard: ReadonlyArray<string>,
  ours: number
): boolean => {
  const rest = [...resources]
  for (const name of standard) {
    const at = rest.indexOf(name)
    if (at >= 0) rest.splice(at, 1)
  }
  return rest.length > 0 && rest.length <= ours && rest.every((name) => connecting.test(name))
}

const look = (): void => {
  const standard = [idle(process.stdout), idle(process.stderr)]
  if (!isAllThatWaits(process.getActiveResourcesInfo(), standard, pending.size)) return
  for (const abandon of pending) abandon()
}

/**
 * Registers a connection that is being made; what is returned takes it off again, any number of times.
 *
 * @since 0.1.0
 * @category connections
 */
export const add = (abandon: () => void): () => void => {
  const entry = () => abandon()
  pending.add(entry)
  timer ??= setInterval(look, intervalMillis).unref()
  return () => {
    if (!pending.delete(entry) || pending.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
