/**
 * Web Vitals for a beacon: metric, value and rating, and nothing of what the page shows.
 *
 * @since 0.1.0
 */
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals"
import type { Beacon } from "./Beacon.js"

/**
 * Records each once it is final: at the latest when the page is hidden. Its observers last as long as the page.
 *
 * @since 0.1.0
 * @category tracking
 */
export const captureVitals = (beacon: Beacon): void => {
  const report = ({ name, rating, value }: Metric): void => beacon.track("web_vital", { metric: name, value, rating })
  for (const observe of [onCLS, onFCP, onINP, onLCP, onTTFB]) observe(report)
}
