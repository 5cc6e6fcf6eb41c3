/**
 * Computes the table of COST.md anew.
 *
 *     node functions/local/run.mjs infra/write-cost-table.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { costFile, costTable } from "./cost.ts";

writeFileSync(costFile, readFileSync(costFile, "utf8").replace(/^\|[^]*\|$/m, costTable()));
process.stderr.write(`wrote ${costFile}\n`);
