import { layerMemory } from "../../src/persistence/Memory.js"
import { suite } from "../suites/persistence.js"

suite("memory", () => layerMemory)
