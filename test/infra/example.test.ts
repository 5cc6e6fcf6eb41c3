/**
 * `infra/clusters/example.yaml`, the JSON Schema and the papers say the same about the settings: every setting is in the reference
 * and described in the schema, with the default that the code has, and nothing is written about a setting that does not exist.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse, parseDocument, isMap, isScalar, isSeq, visit } from "yaml";
import { parseSettings, settingsJsonSchema } from "../../lib/config/settings.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";
import { aTemplate, resourcesOf } from "./a-stack.ts";

const root = join(import.meta.dirname, "..", "..");
const example = readFileSync(join(root, "infra", "clusters", "example.yaml"), "utf8");
/** With the examples behind `#:` in the place of what has no default. */
const everything = parseDocument(example.replace(/^( *)#: ?/gm, "$1"), { uniqueKeys: false });

type Schema = {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
};

/** Every setting by its path; `[]` is an entry of a list. */
function settingsIn(schema: Schema, path = ""): readonly (readonly [path: string, schema: Schema])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const own = path === "" ? key : `${path}.${key}`;
    return [[own, inner] as const, ...settingsIn(inner, own), ...settingsIn(inner.items ?? {}, `${own}[]`)];
  });
}

/** Every path of the reference, in the same words. */
function pathsIn(document: ReturnType<typeof parseDocument>): ReadonlySet<string> {
  const paths = new Set<string>();
  visit(document, {
    Pair: (_key, pair, ancestors) => {
      const above = ancestors.flatMap((it) =>
        isSeq(it)
          ? ["[]"]
          : !isMap(it) && "key" in it && isScalar(it.key)
            ? [`.${String(it.key.value)}`]
            : [],
      );
      const own = isScalar(pair.key) ? `.${String(pair.key.value)}` : "";
      paths.add([...above, own].join("").slice(1));
    },
  });
  return paths;
}

const settings = settingsIn(settingsJsonSchema());

describe("the reference of all settings", () => {
  test("has every setting, and no other", () => {
    const written = [...pathsIn(everything)].filter((it) => !it.startsWith("endpoints[].labels.set."));
    expect(written.sort()).toEqual(settings.map(([path]) => path).sort());
    expect(settings.length).toBeGreaterThan(40);
  });

  test("is what the defaults are: a copy deploys what a file with `cluster` alone deploys", () => {
    const read = (value: unknown) => parseSettings(value, checkSelector);
    const { cluster } = parse(example) as { readonly cluster: unknown };
    expect(read(parse(example))).toEqual(read({ cluster }));
    const template = aTemplate(parse(example) as Record<string, unknown>);
    for (const type of ["AWS::AutoScaling::LifecycleHook", "AWS::SNS::Subscription"])
      expect(resourcesOf(template, type)).toEqual({});
  });

  test("has examples that are valid", () => {
    expect(parseSettings(everything.toJS(), checkSelector)).toMatchObject({ ok: true });
  });

  test("explains every setting where it stands, or at the end of its line", () => {
    const lines = example.split("\n");
    for (const [path] of settings) {
      const key = path.split(".").at(-1) ?? "";
      const at = lines.flatMap((line, index) =>
        new RegExp(`^[ #:-]*${key.replace("[]", "")}:`).test(line) ? [index] : [],
      );
      const explained = at.some((index) => {
        const above = lines.slice(0, index).findLast((it) => it.trim() === "" || /^ *# /.test(it)) ?? "";
        return / # \S/.test(lines[index] ?? "") || above.trim() !== "";
      });
      expect({ path, explained }).toEqual({ path, explained: true });
    }
  });
});

describe("the JSON Schema", () => {
  test.each(settings)("describes %s", (_path, { description }) => {
    expect(description).toMatch(/^[^\s].+[.?]$/s);
  });
});

describe("what is written about settings", () => {
  const known = new Set(settings.map(([path]) => path.replaceAll("[]", "")));
  const top = new Set([...known].map((it) => it.split(".")[0] ?? ""));

  /** `stage: observe`, `lifecycle.launch: abandon`, `cluster.vpc`: a path whose first word is a setting. */
  function named(text: string): readonly string[] {
    return [...text.matchAll(/`([a-z][A-Za-z]*(?:\.[a-zA-Z]+)*)(?::[^`]*)?`/g)]
      .map(([whole, path = ""]) => ({ path, isPath: path.includes(".") || whole.includes(": ") }))
      .filter(({ path, isPath }) => isPath && top.has(path.split(".")[0] ?? ""))
      .map(({ path }) => path);
  }

  test.each(["README.md", "infra/RUNBOOK.md", "docs/safety.md"])("%s names settings that exist", (file) => {
    const paths = named(readFileSync(join(root, file), "utf8"));
    expect(paths.length).toBeGreaterThan(1);
    expect(paths.filter((it) => !known.has(it))).toEqual([]);
  });
});
