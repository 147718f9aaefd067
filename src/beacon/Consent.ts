/**
 * A person's consent, in the very record the browser entry keeps: what was agreed to or withdrawn in one holds in the other.
 *
 * @since 0.1.0
 */
import { uuid4 } from "./Ids.js"
import type { Store } from "./Store.js"

/**
 * Why it is on or off. `endpoint`: its address is neither `https` nor on this machine, or it is not the one consented to.
 *
 * @since 0.1.0
 * @category models
 */
export type Reason =
  | "consented"
  | "not-asked"
  | "opted-out"
  | "do-not-track"
  | "policy-changed"
  | "unreadable"
  | "endpoint"

interface Epoch {
  readonly id: string
  readonly policyVersion: number
  readonly level: string
  readonly remote: boolean
  readonly origin: string | null
  readonly grantedAt: number
  readonly remoteEndedAt: number | null
}

interface ConsentRecord {
  readonly version: 1
  readonly state: "granted" | "withdrawn"
  readonly epochs: ReadonlyArray<Epoch>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Effective {
  readonly reason: Reason
  /** The grant in force; null exactly when off. */
  readonly epoch: string | null
  /** Grants under which events may have been recorded that may still be sent. */
  readonly sendable: ReadonlyArray<string>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Consent {
  readonly current: () => Effective
  readonly enable: () => void
  readonly disable: () => void
}

const isEpoch = (value: unknown): value is Epoch =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string" &&
  "policyVersion" in value && typeof value.policyVersion === "number" && "remote" in value &&
  "remoteEndedAt" in value && "origin" in value

const isRecord = (value: unknown): value is ConsentRecord =>
  typeof value === "object" && value !== null && "version" in value && value.version === 1 && "state" in value &&
  (value.state === "granted" || value.state === "withdrawn") && "epochs" in value && Array.isArray(value.epochs) &&
  value.epochs.every(isEpoch)

const parse = (text: string): ConsentRecord | "unreadable" => {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : "unreadable"
  } catch {
    return "unreadable"
  }
}

type Signals = { readonly [name in "globalPrivacyControl" | "doNotTrack"]?: unknown }

/** The person has told the browser that nobody may follow them. */
const isRefused = (signals: Signals): boolean =>
  signals.globalPrivacyControl === true || signals.doNotTrack === "1" || signals.doNotTrack === "yes"

const isSafe = ({ hostname, protocol }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname))

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (store: Store, name: string, endpoint: URL, policyVersion: number): Consent => {
  const read = () => {
    const text = store.get(name)
    return text === null ? null : parse(text)
  }

  const stands = ({ origin, remote, remoteEndedAt }: Epoch): boolean =>
    remote === true && remoteEndedAt === null && origin === endpoint.origin

  const off = (reason: Reason): Effective => ({ reason, epoch: null, sendable: [] })

  const current = (): Effective => {
    if (isRefused(navigator)) return off("do-not-track")
    if (!isSafe(endpoint)) return off("endpoint")
    const record = read()
    if (record === null) return off("not-asked")
    if (record === "unreadable") return off(record)
    const epoch = record.epochs.at(-1)
    if (record.state === "withdrawn" || epoch === undefined || !epoch.remote || epoch.remoteEndedAt !== null) {
      return off("opted-out")
    }
    if (epoch.policyVersion < policyVersion) return off("policy-changed")
    if (!stands(epoch)) return off("endpoint")
    return { reason: "consented", epoch: epoch.id, sendable: record.epochs.filter(stands).map(({ id }) => id) }
  }

  /** What only the browser entry knows of the record is kept. */
  const write = (known: ConsentRecord | "unreadable" | null, changes: object): void =>
    store.set(
      name,
      JSON.stringify({
        remoteOptedOutAt: null,
        installationId: null,
        hashKey: null,
        noticeShownAt: Date.now(),
        erasures: [],
        epochs: [],
        ...(known === "unreadable" ? null : known),
        version: 1,
        ...changes
      })
    )

  return {
    current,
    enable: () => {
      if (current().epoch !== null) return
      const known = read()
      const epoch: Epoch = {
        id: uuid4(),
        policyVersion,
        level: "basic",
        remote: true,
        origin: endpoint.origin,
        grantedAt: Date.now(),
        remoteEndedAt: null
      }
      const epochs = known === null || known === "unreadable" ? [] : known.epochs
      write(known, { state: "granted", epochs: [...epochs, epoch], optedOutAt: null, remoteOptedOutAt: null })
    },
    disable: () => {
      const known = read()
      const now = Date.now()
      const epochs = known === null || known === "unreadable" ? [] : known.epochs
      write(known, {
        state: "withdrawn",
        epochs: epochs.map((epoch) => ({ ...epoch, remoteEndedAt: epoch.remoteEndedAt ?? now })),
        optedOutAt: now,
        installationId: null
      })
    }
  }
}
