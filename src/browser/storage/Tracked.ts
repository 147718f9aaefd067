/**
 * A map that remembers which of its entries may have changed.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export class Tracked<K, V> extends Map<K, V> {
  /** Keys since the last {@link Tracked.settle}. */
  readonly touched = new Set<K>()

  /** With `inPlace`, whoever gets a value may change it. */
  constructor(readonly inPlace: boolean) {
    super()
  }

  override get(key: K): V | undefined {
    if (this.inPlace) this.touched.add(key)
    return super.get(key)
  }

  override set(key: K, value: V): this {
    this.touched.add(key)
    return super.set(key, value)
  }

  override delete(key: K): boolean {
    this.touched.add(key)
    return super.delete(key)
  }

  override clear(): void {
    for (const key of this.keys()) this.touched.add(key)
    super.clear()
  }

  /** From here on nothing has changed. */
  settle(): void {
    this.touched.clear()
  }
}
