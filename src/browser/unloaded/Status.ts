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
  store: { events: 0, bytes: 0, oldest: null },
  queue: { pending: 0, retrying: 0, leased: 0, dead: 0, total: 0, oldestQueuedAt: null },
  submission: {
    totalSubmitted: 0,
    totalFailed: 0,
    totalRejected: 0,
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
  remaining: 0,
  lastError: message
})
