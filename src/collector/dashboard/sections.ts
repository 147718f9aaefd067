/**
 * All pages, in the order of the navigation.
 *
 * @since 0.1.0
 */
import { alerts } from "./Alerts.js"
import { audience } from "./Audience.js"
import { errors } from "./Errors.js"
import { events } from "./Events.js"
import { funnel } from "./Funnel.js"
import { ingest } from "./Ingest.js"
import { overview } from "./Overview.js"
import { performance } from "./Performance.js"
import type { Section } from "./Section.js"
import { usage } from "./Usage.js"

/**
 * @since 0.1.0
 * @category constants
 */
export const sections: ReadonlyArray<Section> = [
  overview,
  events,
  usage,
  performance,
  errors,
  audience,
  funnel,
  ingest,
  alerts
]
