/**
 * Whose events a command is about.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type Failure, misused } from "../Failure.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly installation: string | undefined
  readonly session: string | undefined
}

const isId = (text: string | undefined): boolean =>
  text === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

/**
 * @since 0.1.0
 * @category parsing
 */
export const check = ({ installation, session }: Options): Effect.Effect<void, Failure> =>
  !isId(installation)
    ? misused("--installation must be the id of an installation, a UUID.")
    : !isId(session)
    ? misused("--session must be the id of a session, a UUID.")
    : Effect.void
