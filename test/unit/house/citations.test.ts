import { expect, test } from "@jest/globals";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = globSync(["*.md", "{docs,infra,lib,test,.github,examples,deploy}/**/*.md"], {
  cwd: root,
  exclude: ["**/node_modules/**"],
});
const code = globSync(["{lib,functions,infra,test}/**/*.{ts,mjs}"], {
  cwd: root,
  exclude: ["**/node_modules/**", "test/unit/house/citations.test.ts"],
});
const read = (file: string): string => readFileSync(join(root, file), "utf8");

test("every link of a page leads somewhere", () => {
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target.replace(/#.*$/, ""))
      .filter((it) => it !== "" && !/^[a-z]+:/.test(it) && !existsSync(resolve(root, dirname(page), it)))
      .map((it) => `${page}: ${it}`),
  );
  expect(dead).toEqual([]);
});

test("every page of docs that code or a page cites is there, with the section that is named", () => {
  const dead = [...pages, ...code].flatMap((file) =>
    [...read(file).matchAll(/(?<![\w/])docs\/([a-z-]+\.md)\b(?: (?:sections? )?(\d+))?/g)].flatMap(
      ([, page = "", section]) => {
        if (!existsSync(join(root, "docs", page))) return [`${file}: docs/${page}`];
        if (section === undefined || new RegExp(`^#+ ${section}[. ]`, "m").test(read(`docs/${page}`)))
          return [];
        return [`${file}: docs/${page} ${section}`];
      },
    ),
  );
  expect(dead).toEqual([]);
});

test("every npm script that is named exists", () => {
  const { scripts } = JSON.parse(read("package.json")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const dead = [...pages, ...code].flatMap((file) =>
    [...read(file).matchAll(/\bnpm run (?:--silent )?([a-z][a-z-]*)/g)]
      .map(([, script = ""]) => script)
      .filter((it) => !(it in scripts))
      .map((it) => `${file}: npm run ${it}`),
  );
  expect(dead).toEqual([]);
});
