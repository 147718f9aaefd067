/**
 * Lists by key.
 *
 * @since 0.1.0
 */

/**
 * In the order in which the keys come first. Any text is a key: stored ones may be called like members of an object.
 *
 * @since 0.1.0
 * @category combinators
 */
export const groupBy = <A>(list: Iterable<A>, key: (value: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const value of list) {
    const group = groups.get(key(value))
    if (group === undefined) groups.set(key(value), [value])
    else group.push(value)
  }
  return groups
}
