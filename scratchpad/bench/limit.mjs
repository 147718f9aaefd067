// The least code that is durable and delivers: one transaction a tick into one SQLite table; batches of 100 are read, gzipped,
// posted and deleted. No declaration, consent, redaction, ledger, lease or retry schedule.
import Sqlite from "better-sqlite3"
import { Pool } from "undici"
import { promisify } from "node:util"
import zlib from "node:zlib"

const gzip = promisify(zlib.gzip)

export const name = "limit: SQLite group commit + gzip + undici"

let db, pool, insert, commit, next, remove
let buffer = []
let isDue = false
let sending

export async function setup({ stateDir, url }) {
  pool = new Pool(url, { connections: 1 })
  db = new Sqlite(stateDir + "/limit.db")
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = NORMAL")
  db.exec("CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
  insert = db.prepare("INSERT INTO event (body) VALUES (?)")
  commit = db.transaction((bodies) => bodies.forEach((body) => insert.run(body)))
  next = db.prepare("SELECT id, body FROM event ORDER BY id LIMIT 100")
  remove = db.prepare("DELETE FROM event WHERE id <= ?")
}

const write = () => {
  isDue = false
  const bodies = buffer
  buffer = []
  if (bodies.length > 0) commit(bodies)
  sending ??= send().finally(() => {
    sending = undefined
  })
}

const send = async () => {
  for (let rows = next.all(); rows.length > 0; rows = next.all()) {
    const body = await gzip(`[${rows.map((row) => row.body).join(",")}]`, { level: 1 })
    const answer = await pool.request({ path: "/", method: "POST", headers: { "content-encoding": "gzip" }, body }).catch(() => null)
    if (answer === null) return
    await answer.body.dump()
    remove.run(rows.at(-1).id)
  }
}

export const capture = (event) => {
  buffer.push(JSON.stringify(event))
  if (isDue) return
  isDue = true
  setImmediate(write)
}
export const settle = async () => {
  // oxlint-disable-next-line no-unmodified-loop-condition -- the write that is due clears it
  while (isDue) await new Promise((resolve) => setImmediate(resolve))
}
export const flush = async () => {
  await settle()
  while (next.all().length > 0) await (sending ??= send())
}
export const teardown = async () => {
  await settle()
  await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 50))])
  await pool.destroy()
  db.close()
}
