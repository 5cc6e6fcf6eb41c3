/**
 * Writes the settings' JSON Schema anew.
 *
 *     node functions/local/run.mjs infra/write-settings-schema.ts
 */
import { writeFileSync } from "node:fs";
import { settingsSchemaFile, settingsSchemaText } from "./settings-schema.ts";

writeFileSync(settingsSchemaFile, await settingsSchemaText());
process.stderr.write(`wrote ${settingsSchemaFile}\n`);
