/**
 * Random sequences of actions for the reference model. What comes next is drawn by the caller's source of randomness, so that a
 * seed tells the whole sequence.
 *
 * @since 0.1.0
 */

/**
 * - `Ack`, `Partial`, `Fail`, `Release`, `Retry`, `Bury`, `Split`, `Withdraw`: ways to settle a claim that is held
 * - `Crash`: the process that holds claims is lost, and the store opened anew
 * - `LeaseExpiry`: time passes until every lease has ended
 * - `ClockForward`, `ClockBack`: the wall clock jumps by hours or days
 * - `Consent`: what may no longer be sent is withheld
 *
 * @since 0.1.0
 * @category models
 */
export const names = [
  "Append",
  "AppendWithheld",
  "Overflow",
  "Claim",
  "Ack",
  "Partial",
  "Fail",
  "Release",
  "Retry",
  "Bury",
  "Split",
  "Withdraw",
  "Renew",
  "ReleaseAll",
  "Acquire",
  "Crash",
  "Wait",
  "LeaseExpiry",
  "ClockForward",
  "ClockBack",
  "Consent",
  "Level",
  "Retention",
  "Requeue",
  "Purge",
  "ClearQueue",
  "Clear"
] as const

/**
 * @since 0.1.0
 * @category models
 */
export type Name = typeof names[number]

/** Actions that settle a claim: they need one that is held. */
const settling: ReadonlySet<Name> = new Set(
  ["Ack", "Partial", "Fail", "Release", "Retry", "Bury", "Split", "Withdraw", "Renew"] as const
)

const weights: Readonly<Partial<Record<Name, number>>> = { Append: 5, Claim: 12, LeaseExpiry: 3 }

/**
 * The next action: `next` gives numbers from 0 up to 1, `held` is how many claims are held. Often something is claimed where
 * settling would find nothing to do, so that every action does something.
 *
 * @since 0.1.0
 * @category constructors
 */
export const choose = (next: () => number, held: number): Name => {
  const possible = names.filter((name) => held > 0 || !settling.has(name))
  const weight = (name: Name): number => (weights[name] ?? 1) * (settling.has(name) ? 2.8 : 1)
  let rest = next() * possible.reduce((sum, name) => sum + weight(name), 0)
  for (const name of possible) {
    rest -= weight(name)
    if (rest < 0) return name
  }
  return "Append"
}

/**
 * A small generator of numbers from 0 up to 1, the same for the same seed.
 *
 * @since 0.1.0
 * @category constructors
 */
export const seeded = (seed: number): () => number => {
  let state = (seed * 2_654_435_761) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
