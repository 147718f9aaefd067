/**
 * Every hard limit, by name. What a person or an application may choose is in `TelemetryConfig`.
 *
 * @since 0.1.0
 */

/** Code points kept of a query. @since 0.1.0 */
export const maxQueryLength = 100

/** Code points kept of an error message. @since 0.1.0 */
export const maxMessageLength = 200

/** Code points kept of a line of a log. @since 0.1.0 */
export const maxLogLength = 1000

/** Code points kept of a stack. @since 0.1.0 */
export const maxStackLength = 500

/** Bytes of encoded event data; a larger event is dropped as `oversize`. @since 0.1.0 */
export const maxEventBytes = 32 * 1024

/** Levels of nesting that are looked at; what is deeper is left out. @since 0.1.0 */
export const maxDepth = 8

/**
 * Characters of one text value that are looked at; the rest is cut before redaction, so that cost is bounded.
 *
 * @since 0.1.0
 */
export const maxTextLength = 64 * 1024

/** Events a commit takes at most. @since 0.1.0 */
export const maxGroupSize = 1000

/**
 * How long SQLite itself may wait for a lock. It waits on the host's thread, so this is short; the rest is an Effect retry.
 *
 * @since 0.1.0
 */
export const busyTimeoutMillis = 10

/** How long a write is retried against a locked database before it is reported as locked. @since 0.1.0 */
export const lockedRetryMillis = 2_000

/**
 * Bytes of the disk that events are not recorded into, beside the size of the log: a disk without a free page keeps SQLite from
 * deleting, and so a queue from ever being emptied.
 *
 * @since 0.1.0
 */
export const reservedBytes = 256 * 1024

/** A request in flight when the scope closes gets this long. @since 0.1.0 */
export const shutdownGraceMillis = 50

/** Bytes of an answer that are read. @since 0.1.0 */
export const maxAnswerBytes = 4 * 1024 * 1024

/** Bytes of body above which a request is compressed. @since 0.1.0 */
export const compressionThresholdBytes = 1024

/** Events of the batch that finds out whether a destination is back. @since 0.1.0 */
export const probeBatchSize = 10

/** A lease never ends sooner than this. @since 0.1.0 */
export const minLeaseMillis = 2_000

/** The longest `Retry-After` that is believed. @since 0.1.0 */
export const maxRetryAfterMillis = 3_600_000

/** Share of the queue limit above which a warning is shown. @since 0.1.0 */
export const queueWarningShare = 0.8

/** A store that refuses a commit is asked again after this, and after twice as long each time. @since 0.1.0 */
export const commitRetryMillis = 100

/** The longest wait between two tries of a commit. @since 0.1.0 */
export const maxCommitRetryMillis = 30_000

/** A session ends after this much time without an event. @since 0.1.0 */
export const sessionIdleMillis = 30 * 60_000

/**
 * Sessions that are named to the collector when their data is to be erased; of more, the newest.
 *
 * @since 0.1.0
 */
export const maxErasureSessions = 5_000

/**
 * How long a person who asks for erasure waits for the collector to confirm it; afterwards it is asked in the background.
 *
 * @since 0.1.0
 */
export const erasurePatienceMillis = 5_000

/** Sessions that one such request names. @since 0.1.0 */
export const maxErasureSessionsARequest = 500

/** How often a session that goes on says so. @since 0.1.0 */
export const heartbeatMillis = 5 * 60_000

/** Breadcrumbs that are kept; the oldest go first. @since 0.1.0 */
export const maxBreadcrumbs = 50

/** Fields of one breadcrumb that are kept. @since 0.1.0 */
export const maxBreadcrumbFields = 10

/** Code points of a breadcrumb's category, of a field's name and of its value. @since 0.1.0 */
export const maxBreadcrumbText = 60

/** Bytes of the breadcrumbs of one error. @since 0.1.0 */
export const maxBreadcrumbBytes = 8 * 1024

/** Bytes of what is told of the state of the program with one error. @since 0.1.0 */
export const maxStateBytes = 8 * 1024

/**
 * Bytes of the context an error is given; a larger one is left out, so that the error itself is not too large.
 *
 * @since 0.1.0
 */
export const maxContextBytes = 10 * 1024

/** Characters of the type of an error. @since 0.1.0 */
export const maxErrorTypeLength = 200

/** Different errors whose repeats are counted at one time. @since 0.1.0 */
export const maxErrorGroups = 1000

/** For how long the very same error object is the same occurrence, on its way through captures and loggers. @since 0.1.0 */
export const sameErrorMillis = 1000

/** Errors of one cause that are recorded. @since 0.1.0 */
export const maxErrorsOfCause = 10

/** Marks that are remembered at one time; the oldest go first. @since 0.1.0 */
export const maxMarks = 1000

/** Metrics whose percentiles are kept in memory. @since 0.1.0 */
export const maxMeasuredMetrics = 500

/** Conversations that are followed at one time; the oldest go first. @since 0.1.0 */
export const maxConversations = 1000

/** How often the use of memory and processor is looked at, unless said otherwise. @since 0.1.0 */
export const resourceIntervalMillis = 60_000

/**
 * A window of sums is sealed so long after its hour: what is still on its way into the store then is in it.
 *
 * @since 0.1.0
 */
export const windowGraceMillis = 60_000

/** Code points kept of a dimension in the rollups. @since 0.1.0 */
export const maxDimensionLength = 100

/**
 * Values of the dimension of one type that rollups keep apart; what comes after them is summed up as one.
 *
 * @since 0.1.0
 */
export const maxDimensions = 1000
