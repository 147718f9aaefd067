/**
 * What `status` says where the code of telemetry could not be loaded: off, nothing known, and why.
 *
 * @since 0.1.0
 */
import type { SubmitReport } from "../../scheduling/Submitter.js"
import type { Status } from "../../Status.js"

/**
 * @since 0.1.0
 * @category constructors
 */
export const status = (endpoint: string | undefined, message: string): Status => ({
  enabled: false,
  reason: "not-loaded",
  level: "basic",
  remote: false,
  endpoint: endpoint ?? null,
  optedOutAt: null,
  installationId: null,
  dataDir: null,
  store: { events: null, bytes: null, oldest: null },
  queue: { pending: null, retrying: null, leased: null, dead: null, total: null, oldestQueuedAt: null },
  submission: {
    totalSubmitted: null,
    totalFailed: null,
    totalRejected: null,
    successRate: null,
    lastSubmissionAt: null,
    lastError: null,
    nextAttemptAt: null,
    paused: null
  },
  dropped: {},
  erasure: null,
  warnings: [message]
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const report = (message: string): SubmitReport => ({
  submitted: 0,
  rejected: 0,
  failed: 0,
  remaining: null,
  lastError: message
})
