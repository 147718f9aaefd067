// Delivers nothing: what capturing costs when it is only writing the event down as text.
export const name = "JSON.stringify of the event"
const kept = []
export const setup = async () => {}
export const capture = (event) => {
  kept.push(JSON.stringify(event))
  if (kept.length > 1000) kept.length = 0
}
export const settle = async () => {}
export const flush = async () => {}
export const teardown = async () => {}
