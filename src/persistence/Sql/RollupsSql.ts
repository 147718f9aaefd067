/**
 * The rollups on SQLite.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Rollups } from "../Rollups.js"
import * as Append from "./Append.js"
import { Database } from "./Database.js"
import * as Sql from "./Rollups.js"
import * as Windows from "./Windows.js"

/**
 * @since 0.1.0
 * @category layers
 */
export const layerSql: Layer.Layer<Rollups, never, Database> = Layer.effect(
  Rollups,
  Effect.map(Database, (database) => ({
    read: (request) => database.read((session) => Sql.read(session, request)),
    catchUp: (fold) =>
      Effect.flatMap(
        database.read(Sql.isBehind),
        (behind) => behind ? database.write((session) => Sql.catchUp(session, fold)) : Effect.succeed(0)
      ),
    seal: (request) =>
      Effect.flatMap(
        database.read((session) => Windows.isDue(session, request.before)),
        (due) =>
          due
            ? database.write((session) => Windows.seal(session, request, (group) => Append.append(session, group)))
            : Effect.succeed(0)
      ),
    expire: (before) => database.write((session) => Sql.expire(session, before))
  }))
)
