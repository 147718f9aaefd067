import { defineConfig } from "vitest/config"
import { BaseSequencer } from "vitest/node"
import base from "./vitest.config.js"

/** Minutes long each: begun last, they would keep one worker busy while the other has nothing left. */
const longest = [
  "e2e/kill.test.ts",
  "browser/leaving.test.ts",
  "persistence/model.test.ts",
  "collector/faults.test.ts"
]

type Specifications = Parameters<BaseSequencer["sort"]>[0]

class LongestFirst extends BaseSequencer {
  override async sort(files: Specifications): Promise<Specifications> {
    const place = (file: Specifications[number]): number => {
      const found = longest.findIndex((end) => file.moduleId.endsWith(end))
      return found === -1 ? longest.length : found
    }
    return [...await super.sort(files)].sort((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  test: {
    ...base.test,
    include: ["test/hard/**/*.test.ts"],
    exclude: ["node_modules/**"],
    sequence: { sequencer: LongestFirst },
    // `layer` of @effect/vitest writes its methods into the one `it` of a worker; files that share it would run under another's services.
    poolOptions: { forks: { ...base.test?.poolOptions?.forks, isolate: true } },
    testTimeout: 300_000,
    hookTimeout: 60_000
  }
})
