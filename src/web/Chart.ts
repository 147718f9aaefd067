/**
 * Charts as markup: drawn on the server, printed without scripts, read aloud, the same on a phone.
 *
 * @since 0.1.0
 */
export { bars, histogram } from "./chart/Bars.js"
export { type Bin, bins } from "./chart/Bins.js"
export { type Marker, type Options, type Series } from "./chart/Frame.js"
export { cell as heat } from "./chart/Heat.js"
export { lines, share, sparkline } from "./chart/Lines.js"
