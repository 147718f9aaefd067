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

/** What is wrong with how a statement is answered; Postgres is told to use an index wherever there is one. */
export const faults = (asked: ReadonlyArray<Asked>) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { name } = Dialect.of(sql)
    const unlike = [...new Map(asked.map((one) => [one.text, one])).values()].filter(({ text }) =>
      /^\s*(SELECT|WITH)/.test(text)
    )
    return yield* Transaction.read(sql, (session) =>
      Effect.gen(function*() {
        if (name === "postgres") yield* session.run("SET LOCAL enable_seqscan = off")
        const found: Array<string> = []
        for (const { params, text } of unlike) {
          const rows = yield* session.rows(`EXPLAIN ${name === "sqlite" ? "QUERY PLAN " : ""}${text}`, params)
          const plan = rows.map((row) => String(row[name === "sqlite" ? "detail" : "QUERY PLAN"])).join("\n")
          if (/\bevents\b/.test(text) || scans[name].test(plan) || listLast.test(plan)) found.push(`${text}\n${plan}`)
        }
        return { statements: unlike.length, found }
      }))
  })
