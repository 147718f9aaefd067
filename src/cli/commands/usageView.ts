/**
 * Usage for people.
 *
 * @since 0.1.0
 */
import type { Timed, Usage } from "../../insight/UsageSummary.js"
import { chart } from "../render/chart.js"
import { sparkline } from "../render/spark.js"
import { pairs, type Style, table } from "../render/table.js"

const percent = (share: number | null): string => share === null ? "-" : `${Math.round(share * 100)} %`

const millis = (value: number | null): string => value === null ? "-" : `${Math.round(value)} ms`

const amount = (value: number | null): string => value === null ? "-" : String(Math.round(value * 10) / 10)

/** Of a long list, both ends are what people look for. */
const shown = 20

const ends = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> =>
  list.length <= shown ? list : [...list.slice(0, shown - 5), ...list.slice(-5)]

const timings = (title: string, list: ReadonlyArray<Timed>, style: Style): ReadonlyArray<string> =>
  list.length === 0 ? [] : [table(
    [title, "count", "succeeded", "mean", "p50", "p95"],
    ends(list).map((one) => [
      one.name,
      one.count,
      percent(one.successRate),
      millis(one.mean),
      millis(one.p50),
      millis(one.p95)
    ]),
    style
  )]

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

/**
 * A table for each kind of thing that was used, and when. Times are UTC.
 *
 * @since 0.1.0
 * @category formatting
 */
export const usageView = (usage: Usage, style: Style): string => {
  const { activity, conversations, features, sessions, suggestions } = usage
  const isActive = activity.byHour.some((count) => count > 0)
  return [
    pairs([
      [
        "Sessions",
        `${sessions.started}, mean ${millis(sessions.meanDuration)}, median ${millis(sessions.medianDuration)}`
      ]
    ], style),
    ...(features.length === 0 ? [] : [table(
      ["feature", "uses", "sessions", "adoption"],
      ends(features).map((one) => [one.feature, one.uses, one.sessions, percent(one.adoption)]),
      style
    )]),
    ...timings("command", usage.commands, style),
    ...timings("provider", usage.providers, style),
    ...(conversations.count === 0 ? [] : [pairs([
      ["Conversations", `${conversations.count}, ${percent(conversations.completionRate)} completed`],
      ["Messages each", amount(conversations.meanLength)],
      ["Characters each", amount(conversations.meanMessageLength)]
    ], style)]),
    ...(suggestions.length === 0 ? [] : [table(
      ["suggestion", "shown", "accepted", "dismissed", "rate", "time"],
      ends(suggestions).map((one) => [
        one.type,
        one.shown,
        one.accepted,
        one.dismissed,
        percent(one.acceptanceRate),
        millis(one.meanTimeToInteract)
      ]),
      style
    )]),
    ...(isActive
      ? [
        pairs([["Hour 0 to 23", sparkline(activity.byHour, 24)]], style),
        chart(weekdays.map((day, i) => [day, activity.byWeekday[i] ?? 0] as const), style)
      ]
      : [])
  ].join("\n\n")
}
