import { describe, expect, it } from "@effect/vitest"
import { css } from "../../src/web/Theme.js"

const variables = (block: string): ReadonlyMap<string, string> =>
  new Map([...block.matchAll(/--([\w-]+):(#[0-9a-f]{3,6})/g)].map(([, name, color]) => [name!, color!]))

const dark = css.indexOf("@media (prefers-color-scheme:dark)")

const themes = {
  light: variables(css.slice(0, dark)),
  dark: variables(css.slice(dark, css.indexOf("}}", dark)))
}

/** WCAG 2.2: the relative luminance of a colour. */
const luminance = (color: string): number => {
  const digits = color.length === 4 ? color.replace(/[0-9a-f]/g, "$&$&") : color
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(digits.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

const contrast = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

describe.each(["light", "dark"] as const)("the %s theme", (name) => {
  const color = (variable: string): string => themes[name].get(variable)!

  const grounds = ["ground", "surface", "sunk"]

  it.each<readonly [text: string, ground: string]>([
    ...grounds.flatMap((ground) => ["text", "quiet", "accent", "bad"].map((text) => [text, ground] as const)),
    ["on-accent", "accent"],
    ["good", "good-ground"],
    ["warn", "warn-ground"],
    ["bad", "bad-ground"]
  ])("%s can be read on %s", (text, ground) => {
    expect(contrast(color(text), color(ground))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(["s0", "s1", "s2", "s3", "s4", "control"])("%s can be told from what is behind it", (line) => {
    expect(contrast(color(line), color("surface"))).toBeGreaterThanOrEqual(3)
  })
})

it("uses no colour that it does not define, and loads nothing", () => {
  for (const [, name] of css.matchAll(/var\(--([\w-]+)\)/g)) {
    expect([name, themes.light.has(name!), themes.dark.has(name!)]).toEqual([name, true, true])
  }
  expect(css).not.toMatch(/url\(|@import|https?:/)
})
