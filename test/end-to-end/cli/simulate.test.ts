/** `hepctl simulate --expect`: tests of policies in a repository, as a child process. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { onlyLine, runHepctl } from "./run-hepctl.ts";

const example = join(import.meta.dirname, "..", "..", "..", "examples", "gitops");
const world = [
  ...["--world", join(example, "cluster", "dump.yaml")],
  ...["--world", join(example, "policies", "close-telnet.yaml")],
];
const node = "ip-10-0-1-10.eu-west-1.compute.internal";
const flow = (id: string, port: number, more: object) => ({
  id,
  node,
  direction: "ingress",
  protocol: "tcp",
  source: { ip: "198.51.100.7" },
  destination: { ip: "10.0.1.10", port },
  ...more,
});
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hepctl-simulate-"));
});

async function flowsFile(name: string, ...flows: readonly object[]): Promise<readonly string[]> {
  const file = join(directory, name);
  await writeFile(file, flows.map((it) => JSON.stringify(it)).join("\n"));
  return ["--flows", file];
}

test("every flow as expected: exit code 0, and it says how many", async () => {
  const flows = await flowsFile(
    "good.jsonl",
    flow("telnet", 23, { expect: "deny" }),
    flow("web", 443, { expect: "allow" }),
    flow("any", 80, {}),
  );
  const ran = await runHepctl(["simulate", ...world, ...flows, "--expect"]);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).toMatch(/2 flows as expected\./);
});

test("one that differs: exit code 3, named with what was expected; JSON and JUnit say the same", async () => {
  const flows = await flowsFile(
    "bad.jsonl",
    flow("telnet", 23, { expect: "allow" }),
    flow("web", 443, { expect: "allow" }),
  );
  const ran = await runHepctl(["simulate", ...world, ...flows, "--expect", "-o", "json"]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(
    /1 of 2 flows are not as expected:\n {2}telnet: expected allow, got deny \(rule\)/,
  );
  expect(JSON.parse(ran.stdout)).toMatchObject([
    { id: "telnet", verdict: "deny", expected: "allow" },
    { id: "web" },
  ]);
  const junit = await runHepctl(["simulate", ...world, ...flows, "--expect", "-o", "junit"]);
  expect(junit.stdout).toMatch(/<testsuites name="hepctl simulate" tests="2" failures="1"/);
  expect(junit.stdout).toMatch(/<failure type="deny" message="expected allow, got deny \(rule\)">/);
});

test("what makes no sense is refused with one line", async () => {
  const none = await flowsFile("none.jsonl", flow("web", 443, {}));
  const asked = await runHepctl(["simulate", ...world, ...none, "--expect"]);
  expect([asked.code, onlyLine(asked.stderr)]).toEqual([64, expect.stringMatching(/says what it expects/)]);
  const junit = await runHepctl(["simulate", ...world, ...none, "-o", "junit"]);
  expect([junit.code, onlyLine(junit.stderr)]).toEqual([64, expect.stringMatching(/give --expect too/)]);
  const typo = await flowsFile("typo.jsonl", flow("web", 443, { direction: "incoming" }));
  const wrong = await runHepctl(["simulate", ...world, ...typo]);
  expect([wrong.code, onlyLine(wrong.stderr)]).toEqual([
    64,
    expect.stringMatching(/line 1: direction: Invalid option/),
  ]);
});
