/** One seed for every property, so that a run of the tests says the same again. `FC_SEED` looks elsewhere. */
import * as fc from "effect/FastCheck"

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env["FC_SEED"] ?? 20_261_121) })
