/**
 * Every limit of the collector, by name. What an operator may choose is in {@link Limits}; the rest is fixed.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /** Bytes of body as sent. */
  readonly maxBodyBytes: number
  /** Bytes of body after decompression. */
  readonly maxInflatedBytes: number
  /** Events a request. */
  readonly maxBatchEvents: number
  /** Events a minute and key. */
  readonly eventsPerMinute: number
  /** Connections of one process to Postgres; a request that gets none in time is answered with 503. */
  readonly databaseConnections: number
  /** Postgres must answer a statement in this time, or its connection is given up; longer than a statement may take. */
  readonly databaseAnswerMillis: number
}

/**
 * @since 0.1.0
 * @category constants
 */
export const defaults: Limits = {
  maxBodyBytes: 1024 * 1024,
  maxInflatedBytes: 8 * 1024 * 1024,
  maxBatchEvents: 1_000,
  eventsPerMinute: 100_000,
  databaseConnections: 20,
  databaseAnswerMillis: 20_000
}

/**
 * @since 0.1.0
 * @category tags
 */
export class CollectorLimits extends Context.Reference<CollectorLimits>()("effect-telemetry/collector/Limits", {
  defaultValue: () => defaults
}) {}

/** Characters of the data of one event as JSON. @since 0.1.0 */
export const maxDataLength = 64 * 1024

/** Levels of nesting in the data of an event. @since 0.1.0 */
export const maxDataDepth = 32

/** Characters of an API key that are looked at; a longer one is unknown. @since 0.1.0 */
export const maxKeyLength = 200

/** Characters of a dimension's value; a longer one is cut. @since 0.1.0 */
export const maxDimensionLength = 100

/**
 * How far ahead of ours a client's clock may be; a later capture time becomes the time of receipt.
 *
 * @since 0.1.0
 */
export const maxSkewMillis = 5 * 60_000

/**
 * Compressed bodies up to this size are inflated in place, which costs less than a trip to another thread.
 *
 * @since 0.1.0
 */
export const inflateInPlaceBytes = 128 * 1024

/**
 * What a bad event is called back by: as many are named as a batch may hold, in at most this many characters each.
 *
 * @since 0.1.0
 */
export const maxReasonLength = 200

/**
 * Objects, lists and members of one body: what it takes in memory is a matter of these more than of its bytes.
 *
 * @since 0.1.0
 */
export const maxValues = 500_000

/** Messages of one body of OTLP in protobuf. @since 0.1.0 */
export const maxMessages = 250_000

/** Of each body, the bytes that do not count for the two limits that follow. @since 0.1.0 */
export const uncountedBytes = 32 * 1024

/**
 * Bytes of bodies that all requests together hold while they are received; beyond, the answer is 503. Those whose key is in
 * the body, and so not known as yet, may hold half of it.
 *
 * @since 0.1.0
 */
export const maxReceivingBytes = 32 * 1024 * 1024

/** The same of those that came in whole, as they are once decompressed. @since 0.1.0 */
export const maxHeldBytes = 96 * 1024 * 1024

/**
 * Bytes of bodies that are parsed and wait for the database, on SQLite, unless a single one holds more. Of usual events, what
 * one transaction takes.
 *
 * @since 0.1.0
 */
export const parsedBytes = 1024 * 1024

/** Bodies of up to this size do not count for {@link parsedBytes}. @since 0.1.0 */
export const unwatchedBytes = 64 * 1024

/** Sessions named by one erasure. @since 0.1.0 */
export const maxErasureSessions = 1_000

/** Bytes of the request line and headers together; more is answered with 431. @since 0.1.0 */
export const maxHeaderBytes = 16 * 1024

/** A client has this long to send its headers. @since 0.1.0 */
export const headersTimeoutMillis = 15_000

/** A client has this long to send the whole request. @since 0.1.0 */
export const requestTimeoutMillis = 30_000

/** How often slow clients are looked for. @since 0.1.0 */
export const connectionsCheckMillis = 2_000

/** An idle connection is kept this long. @since 0.1.0 */
export const keepAliveTimeoutMillis = 65_000

/** Connections at once. @since 0.1.0 */
export const maxConnections = 1_024

/** Requests in flight when the server stops get this long. @since 0.1.0 */
export const drainMillis = 1_000

/** SQLite waits this long for a lock, on our one thread; the rest is an Effect retry. @since 0.1.0 */
export const busyTimeoutMillis = 20

/**
 * Pages of the write-ahead log from which on it is copied into the database: pages that are written to all the time are then
 * copied less often, and the log takes four times as much of the disk, 16 MB.
 *
 * @since 0.1.0
 */
export const walPages = 4_000

/** How long a write is retried against a locked database before it is refused with 503. @since 0.1.0 */
export const lockedRetryMillis = 2_000

/** Events stored by one transaction, unless a single batch holds more: nothing else is done meanwhile on SQLite. @since 0.1.0 */
export const groupEvents = 2_000

/** Requests whose keys, or whose rate, are looked at by one statement. @since 0.1.0 */
export const groupRequests = 256

/** `Retry-After` of an answer that storage is away. @since 0.1.0 */
export const unavailableRetrySeconds = 5

/**
 * Time between a batch and the folding of its counts: what comes together meanwhile is folded at the price of little more
 * than one. Nobody waits for it: a question folds first.
 *
 * @since 0.1.0
 */
export const foldDelayMillis = 5_000

/** Batches whose counts are folded in one transaction, at most. @since 0.1.0 */
export const foldBatches = 500

/** So many are taken at a time, until their counts are of this many different things. @since 0.1.0 */
export const foldStep = 25

/** See {@link foldStep}. @since 0.1.0 */
export const foldGroups = 2_000

/** How often it is looked whether the subjects of a week are to be kept as sets. @since 0.1.0 */
export const weekCheckMillis = 3_600_000

/** When a week has been over for this long: most of what is late has come by then. @since 0.1.0 */
export const weekSettleMillis = 7 * 24 * 3_600_000

/** Subjects of a set, each counted once a series; one that would be larger is not made. @since 0.1.0 */
export const weekSubjects = 100_000

/** So many subjects are made sets of in one transaction, or else those of one set. @since 0.1.0 */
export const weekStep = 20_000

/** Sets that are made in one transaction, at most. @since 0.1.0 */
export const weekParts = 50

/** Events that an export reads at a time. @since 0.1.0 */
export const exportSlice = 1_000

/** Events looked at by an erasure in one transaction. @since 0.1.0 */
export const erasureChunk = 10_000

/** Rows of one rollup query. @since 0.1.0 */
export const maxRollupRows = 50_000

/** A key's last use is written down at most this often. @since 0.1.0 */
export const lastUsedMillis = 60_000

/** Contexts (session, installation, application) remembered; beyond, they are looked up again. @since 0.1.0 */
export const contextCacheSize = 20_000

/** How long a connection to Postgres may take to come about, or to be free. @since 0.1.0 */
export const databaseConnectMillis = 5_000

/** A sampled event stands for at most so many. @since 0.1.0 */
export const maxWeight = 1_000_000

/**
 * A metric beyond this, either way, is no measurement; sums of such would leave the range of numbers.
 *
 * @since 0.1.0
 */
export const maxMetric = 1e15

/** Characters of an `Idempotency-Key`; a longer one is none. @since 0.1.0 */
export const maxIdempotencyKeyLength = 200

/** An `Idempotency-Key` is remembered this long. @since 0.1.0 */
export const idempotencyMillis = 24 * 3_600_000

/** Pages that one transaction gives back to the disk, 2 MB. @since 0.1.0 */
export const compactPages = 500

/** How often it is looked whether retention is due. @since 0.1.0 */
export const retentionCheckMillis = 3_600_000

/** How often it is looked whether another replica was told to erase. @since 0.1.0 */
export const erasureCheckMillis = 5_000

/** Jobs are spread over so many locks; replicas of one database must agree. @since 0.1.0 */
export const clusterShards = 8

/** A replica that was not heard of for this long has lost its jobs to the others. @since 0.1.0 */
export const clusterExpiryMillis = 6_000

/** How often a replica says that it is there; Postgres has as long to take notice. @since 0.1.0 */
export const clusterRefreshMillis = 2_000

/** How often a replica looks who else is there. @since 0.1.0 */
export const clusterLookMillis = 1_000

/**
 * Connections of a process for its part in the sharing of jobs, besides those of {@link Limits}.
 *
 * @since 0.1.0
 */
export const clusterConnections = 2
/** Attempts to sign in to the dashboard, by address. @since 0.1.0 */
export const signInsPerMinute = 10

/** How long one stays signed in to the dashboard. @since 0.1.0 */
export const dashboardSessionMillis = 7 * 24 * 3_600_000

/** Of the form one signs in with. @since 0.1.0 */
export const maxSignInBytes = 4_096

/** How often the rules of alerts are looked at. @since 0.1.0 */
export const alertCheckMillis = 60_000

/** How often it is looked whether another replica has something to be told. @since 0.1.0 */
export const webhookCheckMillis = 5_000

/** A period is known when it has been over for this long: programs send what they recorded with some delay. @since 0.1.0 */
export const alertSettleMillis = 5 * 60_000

/** A share or a percentile of fewer events says nothing. @since 0.1.0 */
export const alertLeastEvents = 20

/** Error groups that one look takes in. @since 0.1.0 */
export const alertErrorGroups = 500

/** Rules of alerts. @since 0.1.0 */
export const maxAlertRules = 100

/** Names in one notification; how many more there are is said. @since 0.1.0 */
export const alertNames = 10

/** A webhook has this long to answer. @since 0.1.0 */
export const webhookTimeoutMillis = 10_000

/** A notification that a process took on and never settled is taken on again after this long. @since 0.1.0 */
export const webhookLeaseMillis = 30_000

/** The delay before the second attempt; each further one is twice as long. @since 0.1.0 */
export const webhookRetryMillis = 5_000

/** The longest delay between two attempts. @since 0.1.0 */
export const webhookLongestRetryMillis = 10 * 60_000

/** A notification that could not be delivered for this long is given up. @since 0.1.0 */
export const webhookGiveUpMillis = 6 * 3_600_000

/** The origins that keys name are read again after this long. @since 0.1.0 */
export const originsMillis = 5_000

/** The longest time that a key may work beside the one that replaces it. @since 0.1.0 */
export const maxGraceMillis = 90 * 24 * 3_600_000
