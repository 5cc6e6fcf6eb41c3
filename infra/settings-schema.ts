/** `infra/clusters/settings.schema.json`, from which editors complete and check settings files. */
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { settingsJsonSchema } from "../lib/config/settings.ts";

/** The text of the file; a test holds the one in the repository equal to it. */
export async function settingsSchemaText(): Promise<string> {
  const style = await resolveConfig(settingsSchemaFile);
  return format(JSON.stringify(settingsJsonSchema()), { ...style, parser: "json" });
}

export const settingsSchemaFile = join(import.meta.dirname, "clusters", "settings.schema.json");
