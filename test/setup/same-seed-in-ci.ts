/**
 * Property tests explore with fresh seeds wherever a person runs them. CI says the same of the same commit twice: there the
 * seed is fixed, and `FC_SEED` sets another.
 */
import fc from "fast-check";

if (process.env["CI"] === "true")
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env["FC_SEED"] ?? 20261122) });
