/** Every page of the documentation that is written from the code: path -> its whole text, formatted. */
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { findingsPage } from "./findings-page.ts";
import { promisesPage } from "./promises-page.ts";
import { recordingsPage } from "./recordings-page.ts";
import { schemaPages } from "./schema-pages.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const PAGES: { readonly [path: string]: () => string | Promise<string> } = {
  "docs/findings.md": findingsPage,
  "docs/promises.md": promisesPage,
  "docs/why-believe-it.md": recordingsPage,
  ...schemaPages(),
};

/** @returns absolute paths and texts, as `npm run docs` writes them */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const pages = Object.entries(PAGES).map(async ([path, text]) => {
    const file = `${ROOT}${path}`;
    return [file, await format(await text(), { ...(await resolveConfig(file)), filepath: file })] as const;
  });
  return new Map(await Promise.all(pages));
}
