/**
 * The tables. An event is a row of its own, its context is shared; an entry of a queue is a few bytes. What waits for a time
 * (`deferred`) and what waits for nobody (`parked`) is kept apart from `queue`, so that the next batch is always at its head.
 *
 * @internal
 */

/** The schema this version of the library writes. A file with a greater `user_version` is left alone. */
export const version = 3

const first: ReadonlyArray<string> = [
  // generation: rises when interned rows were removed, so that every process forgets what it remembers of them
  // last_seq: the highest place ever given, in case the rows that had it are gone
  // removed: how many of the recorded events are no longer stored
  `CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    removed INTEGER NOT NULL
  )`,
  `INSERT INTO meta (id, generation, last_seq, removed) VALUES (1, 1, 0, 0)`,
  `CREATE TABLE consent (
    id INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL,
    level INTEGER NOT NULL,
    remote INTEGER NOT NULL
  )`,
  `CREATE TABLE context (
    id INTEGER PRIMARY KEY,
    consent INTEGER NOT NULL,
    session TEXT NOT NULL,
    installation TEXT,
    app_name TEXT NOT NULL,
    app_version TEXT NOT NULL
  )`,
  `CREATE TABLE event_type (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
  )`,
  // rate is null for 1, suppressed for 0
  `CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    type INTEGER NOT NULL,
    context INTEGER NOT NULL,
    time INTEGER NOT NULL,
    rate REAL,
    suppressed INTEGER,
    data TEXT NOT NULL
  )`,
  // neighbours of one day of capture and one context: from first on, until the next row
  `CREATE TABLE run (
    first INTEGER PRIMARY KEY,
    day INTEGER NOT NULL,
    context INTEGER NOT NULL
  )`,
  `CREATE INDEX run_day ON run (day)`,
  `CREATE INDEX run_context ON run (context)`,
  `CREATE TABLE destination (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    clock INTEGER NOT NULL DEFAULT 0,
    submitter TEXT,
    submitter_pid INTEGER,
    submitter_until INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    retry_after INTEGER,
    paused TEXT,
    fingerprint TEXT,
    last_error TEXT,
    last_attempt_at INTEGER,
    last_success_at INTEGER,
    requests INTEGER NOT NULL DEFAULT 0,
    failed_requests INTEGER NOT NULL DEFAULT 0,
    network_errors INTEGER NOT NULL DEFAULT 0,
    submitted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    retries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    latency_sum_ms REAL NOT NULL DEFAULT 0,
    latency_count INTEGER NOT NULL DEFAULT 0
  )`,
  `CREATE TABLE latency (
    destination INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (destination, bucket)
  ) WITHOUT ROWID`,
  // pending, retrying without a time, and leased; attempts is null for 0
  `CREATE TABLE queue (
    destination INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    batch INTEGER,
    attempts INTEGER,
    error TEXT,
    PRIMARY KEY (destination, seq)
  ) WITHOUT ROWID`,
  `CREATE TABLE deferred (
    destination INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (destination, seq)
  ) WITHOUT ROWID`,
  `CREATE INDEX deferred_due ON deferred (destination, due)`,
  // state: 1 dead, 2 withheld
  `CREATE TABLE parked (
    destination INTEGER NOT NULL,
    state INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (destination, state, seq)
  ) WITHOUT ROWID`,
  // key is null once the batch is no longer the same events; owner is null while it is not leased
  `CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    destination INTEGER NOT NULL,
    key TEXT,
    faults INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    size INTEGER NOT NULL,
    owner TEXT,
    pid INTEGER,
    until INTEGER
  )`,
  // destination 0 is the capture side; consent is 0 except for pending and retrying
  `CREATE TABLE ledger (
    destination INTEGER NOT NULL,
    term TEXT NOT NULL,
    consent INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (destination, term, consent)
  ) WITHOUT ROWID`,
  `CREATE TABLE rate_limit (
    key TEXT PRIMARY KEY,
    tokens REAL NOT NULL,
    at REAL NOT NULL
  ) WITHOUT ROWID`,
  `PRAGMA user_version = 1`
]

/**
 * A ring for each destination: the number of a request, counted by `destination.requests`, modulo its size is its slot.
 */
const requestLog: ReadonlyArray<string> = [
  `CREATE TABLE request (
    destination INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    place TEXT,
    key TEXT NOT NULL,
    events INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (destination, slot)
  ) WITHOUT ROWID`,
  `PRAGMA user_version = 2`
]

const rollups: ReadonlyArray<string> = [
  // dimension is empty for none
  `CREATE TABLE rollup_series (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    dimension TEXT NOT NULL,
    UNIQUE (type, dimension)
  )`,
  // id: hours since 1970 * 2^32 + series; histogram: see Packed
  `CREATE TABLE rollup (
    id INTEGER PRIMARY KEY,
    count REAL NOT NULL,
    errors REAL NOT NULL,
    sum REAL,
    min REAL,
    max REAL,
    histogram BLOB
  )`,
  // the same by day
  `CREATE TABLE rollup_day (
    id INTEGER PRIMARY KEY,
    count REAL NOT NULL,
    errors REAL NOT NULL,
    sum REAL,
    min REAL,
    max REAL,
    histogram BLOB
  )`,
  // what commits have added since the rows here were last gathered; entries: see Packed
  `CREATE TABLE rollup_delta (
    id INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
  )`,
  // open windows of what is sent as sums; figures: see Packed
  `CREATE TABLE rollup_window (
    key TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    hour INTEGER NOT NULL,
    type TEXT NOT NULL,
    dimension TEXT,
    context TEXT NOT NULL,
    figures BLOB NOT NULL
  )`,
  `CREATE INDEX rollup_window_hour ON rollup_window (hour, id)`,
  // events up to last were recorded before there were rollups, and are summed up as far as done
  `CREATE TABLE rollup_progress (
    done INTEGER NOT NULL,
    last INTEGER NOT NULL
  )`,
  `INSERT INTO rollup_progress (done, last) SELECT 0, coalesce(max(seq), 0) FROM event`,
  `PRAGMA user_version = 3`
]

/**
 * What each version adds, in order. What was released is never changed.
 *
 * @internal
 */
export const migrations: Readonly<Record<string, ReadonlyArray<string>>> = {
  "0001_first": first,
  "0002_request_log": requestLog,
  "0003_rollups": rollups
}

/** @internal */
export const tables: ReadonlyArray<string> = Object.values(migrations).flat()
