/** `hepctl impact` as a child process: the example repository, each format, exit codes, and what is refused. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { impactShape } from "../../../functions/local/docs/output-shapes.ts";
import { parseAs } from "./parse-as.ts";
import { onlyLine, runHepctl } from "./run-hepctl.ts";

const example = join(import.meta.dirname, "..", "..", "..", "examples", "gitops");
const world = ["--world", join(example, "cluster", "dump.yaml")];
const policies = ["-R", join(example, "policies")];
const lockout = ["-f", join(example, "locks-out.yaml")];

describe("the example repository", () => {
  test("its policies cut nothing, and the change is told", async () => {
    const ran = await runHepctl(["impact", ...world, ...policies]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toMatch(/GlobalNetworkPolicy\/close-telnet \(tier default\) starts to select 2 nodes/);
    expect(ran.stdout).toMatch(/into the node: tcp 23\n +allow .* -> deny \(policy close-telnet, rule 1\)/);
    expect(ran.stdout).toMatch(/Changes: no essential flow would be cut/);
  });

  test("with --detailed-exitcode a change is 2", async () => {
    expect(await runHepctl(["impact", ...world, ...policies, "--detailed-exitcode"])).toMatchObject({
      code: 2,
    });
    expect(
      await runHepctl(["impact", ...world, "-f", "-", "--detailed-exitcode"], { input: "" }),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/No change\./) as unknown as string,
    });
  });

  test("the policy that locks out is refused with 3, on all nodes alike at once", async () => {
    const { code, stdout } = await runHepctl(["impact", ...world, ...lockout, "-o", "json"]);
    const impact = parseAs(impactShape, stdout);
    expect([code, impact.status]).toEqual([3, "cuts"]);
    const cut = impact.essential.filter((it) => it.change === "cut").map((it) => it.id);
    expect(cut).toEqual(expect.arrayContaining(["api-server", "kubelet"]));
    for (const it of impact.essential) expect(it.nodes).toHaveLength(2);
  });

  test("a later file replaces an earlier one: the order of the options decides, not the names", async () => {
    const directory = await mkdtemp(join(tmpdir(), "hepctl-impact-"));
    const mended = join(directory, "a-mended.yaml");
    const text = await readFile(join(example, "locks-out.yaml"), "utf8");
    await writeFile(mended, text.replaceAll("198.51.100.0/24", "0.0.0.0/0").replaceAll("protocol: TCP", ""));
    expect(await runHepctl(["impact", ...world, ...lockout, "-f", mended])).toMatchObject({ code: 0 });
    expect(await runHepctl(["impact", ...world, "-f", mended, ...lockout])).toMatchObject({ code: 3 });
  });
});

describe("formats", () => {
  test("markdown: the verdict in the first line, and nobody's text becomes markup", async () => {
    const input = `${await readFile(join(example, "locks-out.yaml"), "utf8")}\n---\napiVersion: example.com/v1\nkind: A|<b>*\nmetadata: {name: x}\n`;
    const { code, stdout } = await runHepctl(["impact", ...world, "-f", "-", "-o", "markdown"], { input });
    expect([code, stdout.split("\n")[0]]).toEqual([
      3,
      expect.stringMatching(/^### This change would cut \d+ essential flows of nodes$/),
    ]);
    expect(stdout).toContain("A\\|&lt;b&gt;\\*/x");
  });

  test("junit: as many failures as flows are cut", async () => {
    const { stdout } = await runHepctl(["impact", ...world, ...lockout, "-o", "junit"]);
    const [, tests, failures] =
      /<testsuites name="hepctl impact" tests="(\d+)" failures="(\d+)"/.exec(stdout) ?? [];
    expect(stdout.match(/<testcase /g)).toHaveLength(Number(tests));
    expect(stdout.match(/<failure /g)).toHaveLength(Number(failures));
    expect(Number(failures)).toBeGreaterThan(1);
    expect((await runHepctl(["impact", ...world, ...policies, "-o", "junit"])).stdout).toMatch(
      /failures="0"/,
    );
  });

  test("sarif: each cut at the file and line of the policy that decides", async () => {
    const { stdout } = await runHepctl(["impact", ...world, ...lockout, "-o", "sarif"]);
    const sarif = JSON.parse(stdout) as {
      version: string;
      runs: [
        {
          tool: { driver: { rules: { id: string }[] } };
          results: { ruleId: string; level: string; locations: unknown[] }[];
        },
      ];
    };
    const [{ tool, results }] = sarif.runs;
    const rules = new Set(tool.driver.rules.map((it) => it.id));
    expect(sarif.version).toBe("2.1.0");
    expect(results.every((it) => rules.has(it.ruleId))).toBe(true);
    expect(results.find((it) => it.level === "error")).toMatchObject({
      ruleId: "essential-flow-cut",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: join(example, "locks-out.yaml") },
            region: { startLine: 2 },
          },
        },
      ],
    });
  });
});

describe("the composite action", () => {
  test("it runs what docs/ci.md says, with options that exist", async () => {
    const action = parse(await readFile(join(example, "..", "..", "action.yml"), "utf8")) as {
      inputs: Record<string, unknown>;
      runs: { steps: { env: Record<string, string>; run: string }[] };
    };
    const [step] = action.runs.steps;
    const given = new Set(Object.values(step?.env ?? {}).map((it) => /inputs\.([\w-]+)/.exec(it)?.[1]));
    expect([...given].sort()).toEqual(Object.keys(action.inputs).sort());
    const help = (await runHepctl(["impact", "--help"])).stdout;
    for (const [option] of (step?.run ?? "").matchAll(
      /(?<=[ (])(--(?:world|cluster|region|role-arn)|-R|-o)(?= )/g,
    ))
      expect(help).toContain(option);
  });
});

describe("bad input", () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      "nothing to look at",
      [],
      /impact needs a change to look at: -f FILE, -R DIR, --delete KIND\/NAME or --staged/,
    ],
    ["a file that is not there", ["-f", "nowhere.yaml"], /nowhere\.yaml cannot be read/],
    ["a folder that is not there", ["-R", "nowhere"], /nowhere cannot be read/],
    ["a folder without manifests", ["-R", import.meta.dirname], /has no \.yaml, \.yml or \.json file/],
    [
      "a name without a kind",
      ["--delete", "allow-ssh"],
      /write KIND\/NAME, such as GlobalNetworkPolicy\/allow-ssh/,
    ],
    [
      "a kind that is not looked at",
      ["--delete", "Pod/x"],
      /Pod is no kind that is looked at here; it takes Global/,
    ],
    [
      "an object that is not there",
      ["--delete", "tier/x"],
      /there is no Tier called x to delete; there is none at all/,
    ],
    ["a format of another command", ["-f", "-", "-o", "xml"], /Allowed choices are/],
    ["a program that applies nothing", ["-f", "-", "--as", "helm"], /Allowed choices are calicoctl, kubectl/],
  ])("%s: exit code 64 and one line", async (_, args, sentence) => {
    const { code, stdout, stderr } = await runHepctl(["impact", ...world, ...args]);
    expect([code, stdout]).toEqual([64, ""]);
    expect(onlyLine(stderr)).toMatch(sentence);
  });

  test("a format that only impact has is refused elsewhere", async () => {
    const { code, stderr } = await runHepctl(["plan", ...["-o", "sarif"]]);
    expect(code).toBe(64);
    expect(onlyLine(stderr)).toMatch(/-o sarif is no format of this command; it has table, json, yaml/);
  });

  test("stdin cannot be two files", async () => {
    const { code, stderr } = await runHepctl(["impact", "--world", "-", "-f", "-"]);
    expect(code).toBe(64);
    expect(onlyLine(stderr)).toMatch(/both read stdin/);
  });
});

describe("fields that nobody knows", () => {
  const input = `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: typo}
spec: {selecter: all(), types: [Ingress]}
`;

  test("are refused with file, line, field and what was meant", async () => {
    const { code, stderr } = await runHepctl(["impact", ...world, "-f", "-"], { input });
    expect(code).toBe(64);
    expect(onlyLine(stderr)).toMatch(
      /-, line 2: GlobalNetworkPolicy\/typo: there is no field spec\.selecter, did you mean selector\?/,
    );
  });

  test("are told and left out with --lenient", async () => {
    const { code, stdout } = await runHepctl(["impact", ...world, "-f", "-", "--lenient"], { input });
    // Without its selector the policy selects everything: just what the refusal is for.
    expect(code).toBe(3);
    expect(stdout).toMatch(/GlobalNetworkPolicy\/typo \(unknown-field\)/);
  });
});
