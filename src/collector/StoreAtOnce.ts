/**
 * On Postgres: a group of batches in one statement, which is its own transaction, where {@link BatchStore} would send six and
 * wait for each. It is for groups of which all is new, and known: whose contexts were met before, of which nothing was stored
 * and nobody was erased since. What turns out to be otherwise leaves nothing behind, and is stored with more care.
 *
 * @since 0.1.0
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Batches from "./Batches.js"
import * as Dialect from "./Dialect.js"
import * as EventTable from "./EventTable.js"
import * as RollupDelta from "./RollupDelta.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"

/** What the function fails with when something was stored before, as another may have done it a moment ago. */
const overlap = "ETOVR"

/** As {@link EventTable.columnsOf} gives them. */
const columns = ["p_ids", "p_contexts", "p_types", "p_times", "p_received", "p_rates", "p_suppressed", "p_data"]

/**
 * The function. Each of its statements sees what was committed before it, so that erasures are counted when their turn is
 * over. It is never changed: collectors of different versions may use one database.
 *
 * @since 0.1.0
 * @category migrations
 */
export const definition = `CREATE FUNCTION store_events_1 (
    p_erasures BIGINT, p_answers JSONB, p_delta TEXT,
    ${columns.map((name, i) => `${name} ${EventTable.columnTypes[i]}`).join(", ")}
  ) RETURNS BOOLEAN LANGUAGE plpgsql SET lock_timeout = '10s' AS $function$
  DECLARE changed BIGINT;
  BEGIN
    PERFORM ${Turn.sharedLock("subjects")};
    IF (SELECT count(*) FROM erasures) <> p_erasures OR EXISTS (
      SELECT 1 FROM jsonb_array_elements(p_answers) AS j (value)
        JOIN batches b ON b.hash = decode(j.value->>0, 'hex')
    ) THEN
      RETURN false;
    END IF;
    IF jsonb_array_length(p_answers) > 0 THEN
      INSERT INTO batches (hash, at, answer)
        SELECT decode(j.value->>0, 'hex'), CAST(j.value->>1 AS BIGINT), j.value->>2
        FROM jsonb_array_elements(p_answers) AS j (value)
        ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS changed = ROW_COUNT;
      IF changed < jsonb_array_length(p_answers) THEN
        RAISE 'Another stores the same batch; it is looked at again' USING ERRCODE = '${overlap}';
      END IF;
    END IF;
    ${EventTable.insertColumns(columns)};
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed < cardinality(p_ids) THEN
      RAISE 'Some of these events were stored before; they are looked at again' USING ERRCODE = '${overlap}';
    END IF;
    INSERT INTO rollup_delta (body) VALUES (p_delta);
    RETURN true;
  END
  $function$`

const call = `SELECT store_events_1(${
  ["BIGINT", "JSONB", "TEXT", ...EventTable.columnTypes].map((type, i) => `$${i + 1}::${type}`).join(", ")
}) AS stored`

/**
 * What is stored together.
 *
 * @since 0.1.0
 * @category models
 */
export interface Group {
  /** How many erasures there were when the contexts were met. */
  readonly erasures: number
  /** In the order of their ids. */
  readonly events: ReadonlyArray<EventTable.Row>
  readonly delta: RollupDelta.Delta
  readonly answers: ReadonlyArray<Batches.Answered>
}

/**
 * False: something was not as it seemed, and nothing was stored.
 *
 * @since 0.1.0
 * @category combinators
 */
export const store = (
  sql: SqlClient.SqlClient,
  { answers, delta, erasures, events }: Group,
  now: number
): Effect.Effect<boolean, SqlError> =>
  Transaction.again(
    Effect.map(
      sql.unsafe<{ readonly stored: boolean }>(call, [
        erasures,
        Batches.encode(answers, now),
        RollupDelta.encode(delta),
        ...EventTable.columnsOf(events)
      ]),
      ([row]) => row?.stored === true
    )
  ).pipe(Effect.catchIf((error) => Transaction.codeOf(error) === overlap, () => Effect.succeed(false)))

/**
 * @since 0.1.0
 * @category predicates
 */
export const isPossible = (sql: SqlClient.SqlClient): boolean => Dialect.of(sql).name === "postgres"
