import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Dialect from "../../src/collector/Dialect.js"
import * as Transaction from "../../src/collector/Transaction.js"

export interface Asked {
  readonly text: string
  readonly params: ReadonlyArray<unknown>
}

/** The same client, which notes every statement that gets its rows from a reserved connection. */
export const recorded = (sql: SqlClient.SqlClient, asked: Array<Asked>): SqlClient.SqlClient => {
  const reserve = Effect.map(sql.reserve, (connection) =>
    new Proxy(connection, {
      get: (target, name) =>
        name === "execute"
          ? (...[text, params, transform]: Parameters<typeof connection.execute>) => {
            asked.push({ text, params })
            return connection.execute(text, params, transform)
          }
          : Reflect.get(target, name)
    }))
  return new Proxy(sql, { get: (target, name) => name === "reserve" ? reserve : Reflect.get(target, name) })
}

/** Tables that grow with what comes in. */
const big = "x|rollup|histogram|subject_day|events"

const scans = {
  sqlite: new RegExp(`SCAN (${big})\\b`),
  postgres: new RegExp(`Seq Scan on (rollup|histogram|subject_day|events)\\b`)
}

/** A list of ours looked at once for every row, where each row should have been looked for by the list. */
const listLast = /^SEARCH x .*\nSCAN [jo] VIRTUAL TABLE/m

/** How each statement that only reads is answered; Postgres is told to use an index wherever there is one. */
export const explained = (asked: ReadonlyArray<Asked>) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { name } = Dialect.of(sql)
    const unlike = [...new Map(asked.map((one) => [one.text, one])).values()].filter(({ text }) =>
      /^\s*(SELECT|WITH)/.test(text)
    )
    return yield* Transaction.read(sql, (session) =>
      Effect.gen(function*() {
        if (name === "postgres") yield* session.run("SET LOCAL enable_seqscan = off")
        return yield* Effect.forEach(unlike, ({ params, text }) =>
          Effect.map(
            session.rows(`EXPLAIN ${name === "sqlite" ? "QUERY PLAN " : ""}${text}`, params),
            (rows) => ({
              text,
              plan: rows.map((row) => String(row[name === "sqlite" ? "detail" : "QUERY PLAN"])).join("\n")
            })
          ))
      }))
  })

/** What is wrong with how they are. */
export const faults = (asked: ReadonlyArray<Asked>) =>
  Effect.gen(function*() {
    const { name } = Dialect.of(yield* SqlClient.SqlClient)
    const plans = yield* explained(asked)
    const found = plans.flatMap(({ plan, text }) =>
      /\bevents\b/.test(text) || scans[name].test(plan) || listLast.test(plan) ? [`${text}\n${plan}`] : []
    )
    return { statements: plans.length, found }
  })
