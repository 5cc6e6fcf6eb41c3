/** Commands that answer from files: exact shapes of docs/output.md, exit codes, what goes where. No cluster is touched. */
import {
  diagnosisShape,
  explanationShape,
  simulationShape,
} from "../../../functions/local/docs/output-shapes.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import picocolors from "picocolors";
import { parseAllDocuments, stringify } from "yaml";
import { readEnvironment } from "../../../functions/cli/input/environment.ts";
import type { Terminal } from "../../../functions/cli/output/terminal.ts";
import { runCli } from "../../../functions/cli/run-cli.ts";
import { aCalicoNode, aFelixConfiguration, aGlobalNetworkPolicy } from "../../builders/a-guard-request.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { oracleCases, worldText } from "../../unit/policy/oracle.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hepctl-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function hepctl(...argv: readonly string[]) {
  const written = { out: "", err: "" };
  const stream = (to: "out" | "err") => ({
    write: (text: string) => {
      written[to] += text;
    },
    isTerminal: false,
    width: Number.POSITIVE_INFINITY,
    colors: picocolors.createColors(false),
  });
  const terminal: Terminal = {
    out: stream("out"),
    err: stream("err"),
    interactive: false,
    ask: () => Promise.resolve(undefined),
  };
  const code = await runCli([...argv, "--kubeconfig", "/nowhere"], terminal, readEnvironment({}));
  return { code, ...written };
}

const node = aNodeObject({ name: "node1" });
const nodePorts = aGlobalNetworkPolicy("close-node-ports", {
  selector: "host-end-point == 'test'",
  order: 10,
  types: ["Ingress"],
  ingress: [{ action: "Deny", protocol: "TCP", destination: { ports: [30080] } }],
});
const endpoint = aHostEndpointObject({
  name: "node1",
  node: "node1",
  labels: { "host-end-point": "test" },
});
const world = [node, endpoint, nodePorts];
const yaml = (objects: readonly unknown[]) => objects.map((it) => stringify(it)).join("---\n");
const flow = (id: string, port: number) => ({
  id,
  node: "node1",
  direction: "ingress",
  protocol: "tcp",
  source: { ip: "192.0.2.9" },
  destination: { ip: "10.0.0.2", port },
});

describe("simulate", () => {
  test("one array in the order of the flows, in the shape of docs/output.md; notes on stderr", async () => {
    const flows = await file(
      "flows.json",
      JSON.stringify([flow("b", 30080), flow("a", 22), flow("c", 8080)]),
    );
    const objects = await file(
      "world.yaml",
      `# a comment\n${yaml([...world, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" } }])}`,
    );
    const { code, out, err } = await hepctl("simulate", "--world", objects, "--flows", flows, "-o", "json");
    expect(code).toBe(0);
    expect(simulationShape.parse(JSON.parse(out))).toEqual([
      {
        formatVersion: 1,
        id: "b",
        verdict: "deny",
        reason: "rule",
        decidedBy: {
          hook: "normal",
          hostEndpoint: "node1",
          tier: "default",
          policy: "close-node-ports",
          rule: 0,
        },
        path: expect.arrayContaining([expect.any(String)]),
      },
      expect.objectContaining({ id: "a", verdict: "allow", reason: "failsafe" }),
      expect.objectContaining({ id: "c", verdict: "deny", reason: "end-of-tier" }),
    ]);
    expect(err).toContain("ignored: 1 of apps/v1 Deployment");
  });

  test("a calico-node among the objects says what its FELIX_ variables override; other DaemonSets do not count", async () => {
    const variable = { name: "FELIX_FAILSAFEINBOUNDHOSTPORTS", value: "tcp:8080" };
    const other = {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "aws-node", namespace: "kube-system" },
      spec: { template: { spec: { containers: [{ name: "aws-node", image: "cni", env: [variable] }] } } },
    };
    const objects = await file("daemon-sets.yaml", yaml([...world, aCalicoNode([variable]), other]));
    const flows = await file("flows.json", JSON.stringify([flow("a", 22), flow("c", 8080)]));
    const { out, err } = await hepctl("simulate", "--world", objects, "--flows", flows, "-o", "json");
    expect(JSON.parse(out)).toMatchObject([
      { id: "a", verdict: "deny" },
      { id: "c", verdict: "allow", reason: "failsafe" },
    ]);
    expect(err).toContain("ignored: 1 of apps/v1 DaemonSet");
    const doctor = await hepctl("doctor", "--world", objects);
    expect(doctor.out).toContain("calico-node quay.io/calico/node:v3.32.0");
  });

  test("a later file replaces what an earlier one says, whatever the files are called and whichever group they are of", async () => {
    const base = await file("z-base.yaml", yaml(world));
    const proposal = await file(
      "a-proposal.yaml",
      yaml([
        {
          apiVersion: "projectcalico.org/v3",
          kind: "GlobalNetworkPolicy",
          metadata: { name: "close-node-ports" },
          spec: {
            selector: "all()",
            ingress: [
              { action: "Deny", protocol: "TCP", destination: { ports: [8080] } },
              { action: "Allow" },
            ],
          },
        },
      ]),
    );
    const flows = await file("flows.json", JSON.stringify([flow("a", 30080), flow("b", 8080)]));
    const answers = async (...files: readonly string[]) => {
      const worlds = files.flatMap((it) => ["--world", it]);
      const { out, err } = await hepctl("simulate", ...worlds, "--flows", flows, "-o", "json");
      const verdicts = (JSON.parse(out) as readonly { readonly verdict: string }[]).map((it) => it.verdict);
      return { verdicts, err };
    };
    const later = await answers(base, proposal);
    expect(later.verdicts).toEqual(["allow", "deny"]);
    expect(later.err).toContain(
      "note: GlobalNetworkPolicy/close-node-ports: it has no types: read as [Ingress]",
    );
    expect((await answers(proposal, base)).verdicts).toEqual(["deny", "deny"]);
    expect((await answers(base, proposal, base)).verdicts).toEqual(["deny", "deny"]);
    const explained = await hepctl("explain", "node1", "--world", base, "--world", proposal);
    expect(explained.err).toContain("note: GlobalNetworkPolicy/close-node-ports: it has no types");
  });

  test("the table says that the answers of an allowed request are stopped", async () => {
    const untracked = aGlobalNetworkPolicy("fast", {
      selector: "all()",
      doNotTrack: true,
      applyOnForward: true,
      types: ["Ingress"],
      ingress: [{ action: "Allow" }],
    });
    // A wildcard endpoint ignores untracked policy.
    const named = aHostEndpointObject({ name: "node1", node: "node1", interfaceName: "eth0" });
    const objects = await file("untracked.yaml", yaml([node, named, untracked]));
    const onEth0 = [flow("one-way", 8080), flow("ssh", 22)].map((it) => ({ ...it, interface: "eth0" }));
    const flows = await file("flows.json", JSON.stringify(onEth0));
    const { out } = await hepctl("simulate", "--world", objects, "--flows", flows);
    const lines = out.split("\n");
    expect(lines.find((it) => it.startsWith("one-way"))).toContain("allow, but its answers are stopped");
    expect(lines.find((it) => it.startsWith("ssh"))).not.toContain("answers");
  });

  test("what nobody reads is told by name, by simulate and by doctor", async () => {
    const misspelt = { ...nodePorts, apiVersion: "projectcalico.org/v3", kind: "GlobalNetworkpolicy" };
    const old = { apiVersion: "v1", kind: "hostEndpoint", metadata: { name: "eth0" } };
    const objects = await file("misspelt.yaml", yaml([node, endpoint, misspelt, old]));
    const flows = await file("flows.json", JSON.stringify([flow("a", 30080)]));
    const { err } = await hepctl("simulate", "--world", objects, "--flows", flows);
    expect(err).toContain("note: GlobalNetworkpolicy/close-node-ports: it does not count");
    expect(err).toContain("kind GlobalNetworkPolicy");
    expect(err).toContain("note: hostEndpoint/eth0: it does not count");
    const doctor = await hepctl("doctor", "--world", objects, "-o", "json");
    const { findings } = JSON.parse(doctor.out) as {
      readonly findings: readonly { readonly code: string; readonly object: string }[];
    };
    expect(findings.filter((it) => it.code === "ignored-object").map((it) => it.object)).toEqual([
      "GlobalNetworkpolicy/close-node-ports",
      "hostEndpoint/eth0",
    ]);
    expect(doctor.err).not.toContain("does not count");
  });

  test("no flows are an empty array; nonsense is refused and says why", async () => {
    const objects = await file("world.yaml", yaml(world));
    const none = await file("none.json", "[]");
    expect(
      JSON.parse((await hepctl("simulate", "--world", objects, "--flows", none, "-o", "json")).out),
    ).toEqual([]);
    const odd = await file("odd.jsonl", JSON.stringify({ ...flow("x", 80), direction: "sideways" }));
    const refused = await hepctl("simulate", "--world", objects, "--flows", odd, "-o", "json");
    expect([refused.code, refused.err]).toEqual([64, expect.stringMatching(/direction: Invalid option/)]);
  });

  test("a syntax error names file, document and line, with exit code 64", async () => {
    const objects = await file(
      "broken.yaml",
      "apiVersion: v1\nkind: Node\nmetadata: {name: a}\n---\nkind: [\n",
    );
    const flows = await file("flows.json", "[]");
    const { code, out, err } = await hepctl("simulate", "--world", objects, "--flows", flows);
    expect([code, out]).toEqual([64, ""]);
    expect(err).toMatch(/broken\.yaml, document 2, line \d+/);
    expect((await hepctl("simulate", "--world", objects)).code).toBe(64);
    expect((await hepctl("simulate", "--world", "/not/there", "--flows", flows)).code).toBe(64);
  });

  test("worlds that a real Felix judged", async () => {
    type Row = {
      readonly id: string;
      readonly world: string;
      readonly flow: object;
      readonly verdict: string;
      readonly nodes: readonly string[];
    };
    const recorded = oracleCases<Row>("verdicts.jsonl");
    const world = recorded[0]?.world ?? "";
    const rows = recorded.filter((it) => it.world === world && it.nodes.length === 1);
    expect(rows.length).toBeGreaterThan(0);
    const objects = await file("oracle.yaml", worldText(world));
    const flows = await file("oracle.json", JSON.stringify(rows.map((it) => ({ ...it.flow, id: it.id }))));
    const { out } = await hepctl("simulate", "--world", objects, "--flows", flows, "-o", "json");
    const answers = JSON.parse(out) as readonly { readonly id: string; readonly verdict: string }[];
    expect(answers.map((it) => [it.id, it.verdict])).toEqual(rows.map((it) => [it.id, it.verdict]));
  });
});

describe("explain, doctor, baseline from files", () => {
  test("explain tells what each essential flow gets", async () => {
    const objects = await file("world.yaml", yaml(world));
    const { code, out } = await hepctl("explain", "node1", "--world", objects, "-o", "json");
    expect(code).toBe(0);
    const { flows } = explanationShape.parse(JSON.parse(out));
    expect(flows.find((it) => it.id === "api-server")).toMatchObject({
      verdict: "allow",
      reason: "profile",
      flow: { node: "node1", direction: "egress" },
    });
    expect(flows.find((it) => it.id === "kubelet")).toMatchObject({ verdict: "deny", reason: "end-of-tier" });
  });

  test("doctor names failsafes, poison, NodePorts without preDNAT and labels that a node may set on itself", async () => {
    const poison = aGlobalNetworkPolicy("poison", {
      types: ["Ingress"],
      ingress: [{ action: "Allow", protocol: "TCP", destination: { ports: ["90:80"] } }],
    });
    const labelled = aNodeObject({ name: "node1", labels: { "host-end-point": "test" } });
    const felix = aFelixConfiguration({
      failsafeInboundHostPorts: [{ protocol: "tcp", port: 22, net: "192.0.2.0/24" }],
    });
    const objects = await file("sick.yaml", yaml([labelled, endpoint, nodePorts, poison, felix]));
    const { code, out } = await hepctl("doctor", "--world", objects, "-o", "json");
    expect(code).toBe(3);
    const { findings } = diagnosisShape.parse(JSON.parse(out));
    const codes = findings.map((it) => it.code);
    expect(codes).toEqual(
      expect.arrayContaining(["poison-object", "node-port-without-pre-dnat", "self-settable-label"]),
    );
    const patches = findings.filter((it) => /^failsafe/.test(it.code));
    expect(patches).toHaveLength(1);
    expect(patches[0]?.fix).toContain('"net":"192.0.2.0/24"');
  });

  test("baseline prints YAML that closes its own gap", async () => {
    const objects = await file("plain.yaml", yaml([node]));
    const first = await hepctl("baseline", "--world", objects);
    expect(first.code).toBe(0);
    const printed = parseAllDocuments(first.out).map((it) => it.toJS() as { readonly kind: string });
    expect(printed.map((it) => it.kind)).toEqual(["FelixConfiguration", "Tier", "GlobalNetworkPolicy"]);
    const added = await file("added.yaml", first.out);
    const again = await hepctl("baseline", "--world", objects, "--world", added);
    expect([again.out, again.err]).toEqual(["", expect.stringContaining("nothing is lacking")]);
    // Under default deny, in the simulator.
    const denying = await file(
      "denying.yaml",
      yaml([aHostEndpointObject({ name: "node1", node: "node1", profiles: [] })]),
    );
    const { out } = await hepctl(
      "explain",
      "node1",
      "--world",
      objects,
      "--world",
      added,
      "--world",
      denying,
      "-o",
      "json",
    );
    const { flows } = JSON.parse(out) as {
      readonly flows: readonly { readonly id: string; readonly verdict: string }[];
    };
    expect(flows.length).toBeGreaterThan(15);
    expect(flows.filter((it) => it.verdict !== "allow")).toEqual([]);
  });
});
