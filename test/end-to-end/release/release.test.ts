/** `npm run release` in a clone that is ready, and what comes of it, used as people would. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { linkInstalled, cloneOf, unpack } from "../package/pack-clone.ts";
import { runProgram } from "../package/run-program.ts";
import { runToEnd } from "../parts/run-to-end.ts";

type Value = { readonly [key: string]: Value } | readonly Value[] | string | number | boolean | null;
type Template = Readonly<Record<"Parameters" | "Resources" | "Outputs", Readonly<Record<string, Value>>>>;

let clone: Awaited<ReturnType<typeof cloneOf>>;
let out: string;
let version: string;

const release = (...args: readonly string[]) =>
  runProgram("npm", ["run", "--silent", "release", "--", ...args], {
    folder: clone.folder,
    environment: { HOME: process.env["HOME"] ?? "" },
  });
const text = (file: string) => readFile(join(out, file), "utf8");
const git = (...args: readonly string[]) =>
  runToEnd("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
    workingFolder: clone.folder,
  });

beforeAll(async () => {
  clone = await cloneOf(["functions", "infra", "lib", "deploy", "docs"]);
  await linkInstalled(clone.folder);
  const changelog = join(clone.folder, "CHANGELOG.md");
  ({ version } = JSON.parse(await readFile(join(clone.folder, "package.json"), "utf8")) as {
    readonly version: string;
  });
  const heading = `## ${version} - 2026-11-25\n\n- Notes of this version.\n\n## 0.0.1 - 2020-01-01\n`;
  await writeFile(changelog, `# Changelog\n\n${heading}`);
  await git("init", "--quiet");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "all");
  out = join(await mkdtemp(join(tmpdir(), "release-")), "out");
  expect(await release("--out", out)).toMatchObject({ code: 0, stderr: "" });
}, 120_000);

afterAll(() => clone.remove());

test("makes everything of a release, with checksums", async () => {
  const sums = (await text("SHA256SUMS"))
    .trimEnd()
    .split("\n")
    .map((it) => it.split("  "));
  expect(sums.map(([, name]) => name)).toEqual([
    "NOTES.md",
    `hostendpoint-reconciler-${version}.cdx.json`,
    `hostendpoint-reconciler-${version}.tgz`,
    `kubernetes-${version}.yaml`,
    `reconcile-${version}.zip`,
    `release-${version}.zip`,
    `template-${version}.json`,
  ]);
  expect((await readdir(out)).length).toBe(sums.length + 1);
  for (const [sum, name = ""] of sums)
    expect(
      createHash("sha256")
        .update(await readFile(join(out, name)))
        .digest("hex"),
    ).toBe(sum);
  expect(await text("NOTES.md")).toBe("- Notes of this version.\n");
});

test("the same commit makes the same bytes", async () => {
  const again = join(dirname(out), "again");
  await release("--out", again);
  expect(await readFile(join(again, "SHA256SUMS"), "utf8")).toBe(await text("SHA256SUMS"));
}, 120_000);

test("the bill of materials is CycloneDX and names what is inside", async () => {
  const materials = JSON.parse(await text(`hostendpoint-reconciler-${version}.cdx.json`)) as Readonly<{
    bomFormat: string;
    specVersion: string;
    metadata: { component: { name: string; version: string } };
    components: readonly Readonly<{ name: string; purl: string }>[];
  }>;
  expect(materials).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
  expect(materials.metadata.component).toMatchObject({ name: "hostendpoint-reconciler", version });
  for (const { purl } of materials.components) expect(purl).toMatch(/^pkg:npm\/.+@\d/);
  expect(materials.components.map((it) => it.name)).toEqual(expect.arrayContaining(["undici", "zod"]));
});

test("the manifests are those of deploy/kubernetes, in one file", async () => {
  const documents = parseAllDocuments(await text(`kubernetes-${version}.yaml`));
  const kinds = documents.map((it) => (it.toJS() as { readonly kind: string }).kind);
  expect(kinds).toEqual(expect.arrayContaining(["Namespace", "Deployment", "ClusterRoleBinding"]));
  expect(documents.flatMap((it) => it.errors)).toEqual([]);
});

describe("the template", () => {
  let template: Template;
  beforeAll(async () => {
    template = JSON.parse(await text(`template-${version}.json`)) as Template;
  });

  test("needs nothing of CDK: no assets, no bootstrap, no metadata", async () => {
    const whole = await text(`template-${version}.json`);
    expect(whole.length).toBeLessThan(51_200);
    expect(whole).not.toMatch(/cdk|AssetParameters|BootstrapVersion/i);
  });

  test("whatever it refers to is there", () => {
    const known = new Set([...Object.keys(template.Parameters), ...Object.keys(template.Resources)]);
    const referred = [...references(template)];
    expect(referred.length).toBeGreaterThan(100);
    expect(referred.filter((it) => !it.startsWith("AWS::") && !known.has(it))).toEqual([]);
    for (const name of Object.keys(template.Parameters)) expect(referred).toContain(name);
  });

  test("no two clusters share a name: whatever has one has the cluster's in it", () => {
    for (const resource of Object.values(template.Resources)) {
      const properties = (resource as Readonly<Record<string, Value>>)["Properties"] as Readonly<
        Record<string, Value>
      >;
      for (const key of ["FunctionName", "Name", "AlarmName", "QueueName", "LogGroupName", "DashboardName"]) {
        const name = properties[key];
        if (name !== undefined && !(typeof name === "object" && name !== null && "Ref" in name))
          expect(JSON.stringify(name)).toContain("${ClusterName}");
      }
    }
  });

  test("its functions run from the zips, with the settings that it gives them", async () => {
    const payloads = { reconcile: { action: "plan" }, release: { action: "release", confirm: "another" } };
    for (const [name, payload] of Object.entries(payloads)) {
      const folder = await mkdtemp(join(tmpdir(), "function-"));
      await runToEnd("python3", ["-m", "zipfile", "-e", join(out, `${name}-${version}.zip`), folder], {
        workingFolder: folder,
      });
      expect((await readdir(folder)).sort()).toEqual(["index.mjs", "index.mjs.map"]);
      const variables = variablesOf(template, `${name}-${version}.zip`);
      const settings = { ClusterName: "prod", Stage: "canary", Endpoints: '[{"interface":"eth0"}]' };
      const run = (parameters: Readonly<Record<string, string>>) =>
        runProgram(
          process.execPath,
          [
            "--input-type=module",
            "-e",
            `const { handler } = await import(process.argv[1]).catch((it) => {
               console.log(it.message);
               process.exit(1);
             });
             const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 20_000 };
             await handler(${JSON.stringify(payload)}, context).catch((it) => console.log(it.name, it.message));`,
            join(folder, "index.mjs"),
          ],
          {
            folder,
            environment: {
              ...Object.fromEntries(
                Object.entries(variables).map(([key, value]) => [key, substitute(value, parameters)]),
              ),
              AWS_REGION: "eu-west-1",
              AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
              AWS_SECRET_ACCESS_KEY: "secret",
              AWS_ENDPOINT_URL: "http://127.0.0.1:9",
              AWS_MAX_ATTEMPTS: "1",
            },
          },
        );
      const good = await run(settings);
      expect(`${good.stdout}${good.stderr}`).toMatch(/prod/);
      expect(`${good.stdout}${good.stderr}`).not.toMatch(/settings in/);
      const bad = await run({ ...settings, Endpoints: '[{"interfase":"eth0"}]' });
      expect(`${bad.stdout}${bad.stderr}`).toMatch(
        /the settings in the variable SETTINGS are wrong: .*interfase/,
      );
    }
  }, 60_000);
});

test("the package in it is the one that npm pack makes, of this version", async () => {
  const folder = await unpack(join(out, `hostendpoint-reconciler-${version}.tgz`));
  expect(JSON.parse(await readFile(join(folder, "package.json"), "utf8"))).toMatchObject({ version });
});

test("what is not ready is refused with its reason, and nothing is made; --draft makes it anyway", async () => {
  const none = join(dirname(out), "none");
  await writeFile(join(clone.folder, "CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n- Soon.\n");
  const refused = await release("--out", none);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/not ready: CHANGELOG\.md has no heading/);
  expect(refused.stderr).toMatch(/not ready: there are uncommitted changes: CHANGELOG\.md/);
  expect(await readdir(dirname(out))).not.toContain("none");
  expect(await release("--check")).toMatchObject({ code: 1 });
  expect(await release("--chekc")).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/^usage:/) as unknown,
  });
  const draft = await release("--draft", "--out", none);
  expect(draft).toMatchObject({ code: 0, stderr: expect.stringMatching(/draft: CHANGELOG/) as unknown });
}, 120_000);

function* references(value: Value): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const it of value as readonly Value[]) yield* references(it);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === "Ref" && typeof member === "string") yield member;
    else if (key === "Fn::GetAtt") yield (member as readonly string[])[0] ?? "";
    else if (key === "DependsOn") yield* [member].flat().map(String);
    else if (key === "Fn::Sub" && typeof member === "string")
      yield* [...member.matchAll(/\$\{([\w:]+)\}/g)].map(([, name]) => name ?? "");
    else yield* references(member);
  }
}

function variablesOf(template: Template, zip: string): Readonly<Record<string, Value>> {
  const found = Object.values(template.Resources).find((it) => JSON.stringify(it).includes(`}${zip}`));
  const { Properties } = found as unknown as {
    readonly Properties: { readonly Environment: { readonly Variables: Readonly<Record<string, Value>> } };
  };
  return Properties.Environment.Variables;
}

function substitute(value: Value, parameters: Readonly<Record<string, string>>): string {
  if (typeof value === "string") return value;
  const pseudo = { "AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333", ...parameters };
  const pattern = (value as Readonly<Record<string, string>>)["Fn::Sub"] ?? "";
  return pattern.replace(/\$\{([\w:]+)\}/g, (_, name: string) => pseudo[name as keyof typeof pseudo] ?? "");
}
