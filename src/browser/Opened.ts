/**
 * The client of a page whose code is there.
 *
 * @since 0.1.0
 */
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Client from "../Client.js"
import type * as EventDefinition from "../domain/EventDefinition.js"
import type { CreateOptions } from "./Client.js"
import * as Composed from "./Composed.js"

/**
 * What was asked for, with what of it had to be loaded first.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<CreateOptions, "capture" | "events"> {
  readonly capture: ReadonlyArray<Layer.Layer<never, never, Composed.Services>>
  readonly events: ReadonlyArray<EventDefinition.Any> | undefined
}

/**
 * Rejects only when an option is refused, and names it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const open = (options: Options): Promise<Client.Client> => {
  const { capture, consent, level, remote, ...rest } = options
  const live = Composed.layer({ ...rest, ...(level === undefined ? {} : { maxLevel: level }) })
  const all = capture.reduce((all, layer) => Layer.merge(all, Layer.provide(layer, live)), live)
  return Client.open(all, { consent, endpoint: options.endpoint, level, remote }, identity)
}
