/**
 * The anonymous session of a tab: it goes on from page to page, and is another one after half an hour of rest.
 *
 * @since 0.1.0
 */
import { uuid4 } from "./Ids.js"
import type { Store } from "./Store.js"

const restMillis = 1_800_000

/**
 * The identifier of the session that is going on at `now`; nothing is stored before it is asked for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (store: Store, name: string) => (now: number): string => {
  const [known = "", seen = "0"] = (store.get(name) ?? "").split(" ")
  const id = /^[\da-f-]{36}$/.test(known) && now - Number(seen) < restMillis ? known : uuid4()
  store.set(name, `${id} ${now}`)
  return id
}
