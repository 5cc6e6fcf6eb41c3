import { describe, expect, test } from "@jest/globals";
import { parseFlowsFile } from "../../../functions/cli/input/flows-file.ts";
import { parseWorldFile } from "../../../functions/cli/input/world-file.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { compilePolicies } from "../../../lib/policy/world/compile-policies.ts";
import { aWorld } from "../../builders/a-world.ts";
import { aCalicoNode } from "../../builders/a-guard-request.ts";
import { NODES, aPolicy, anEndpoint, flowOf } from "./worlds.ts";

describe("flows that make no sense say why", () => {
  const base = flowOf("in tcp/80");
  test.each<[Flow, string, RegExp]>([
    [{ ...base, node: "nobody" }, "unknown-node", /node nobody is not in the world/],
    [{ ...base, source: { ip: "fd00::1" } }, "nonsense-flow", /different IP families/],
    [{ ...base, source: { ip: "10.0.0.256" } }, "nonsense-flow", /source "10.0.0.256" is no IP address/],
    [{ ...base, protocol: "icmp" }, "nonsense-flow", /icmp has no ports/],
    [{ ...base, protocol: "icmpv6" }, "nonsense-flow", /icmpv6 is an IPv6 protocol/],
    [{ ...base, protocol: "http" }, "nonsense-flow", /protocol "http" is no protocol name/],
    [{ ...base, destination: { ip: "192.0.2.10" } }, "nonsense-flow", /needs a destination port/],
    [{ ...base, destination: { ip: "192.0.2.10", port: 70_000 } }, "nonsense-flow", /port 70000/],
    [{ ...base, icmp: { type: 8 } }, "nonsense-flow", /has no ICMP type/],
    [{ ...base, direction: "sideways" as "ingress" }, "nonsense-flow", /direction "sideways"/],
  ])("%#", (flow, reason, why) => {
    const answer = verdictFor(aWorld([...NODES, anEndpoint()]), flow);
    expect(answer).toMatchObject({ verdict: "unknown", reason });
    expect(answer.path.join(" ")).toMatch(why);
  });
});

describe("what is not known is not guessed", () => {
  const rule = (selector: string) =>
    aPolicy({ types: ["Ingress"], ingress: [{ action: "Allow", source: { selector } }] });

  test("members of a set among objects that nobody read", () => {
    const unread = { unread: ["Pod", "NetworkSet"] as const };
    const ask = (selector: string) =>
      verdictFor(aWorld([...NODES, anEndpoint(), rule(selector)], unread), flowOf("in tcp/80"));
    expect(ask("app == 'x'")).toMatchObject({ verdict: "unknown", reason: "unknown-set-members" });
    expect(ask("!has(projectcalico.org/namespace) && app == 'x'")).toMatchObject({
      verdict: "deny",
      reason: "end-of-tier",
    });
  });

  test("a doubt that changes nothing does not matter", () => {
    const allowAll = aPolicy({
      types: ["Ingress"],
      ingress: [{ action: "Allow", source: { selector: "app == 'x'" } }, { action: "Allow" }],
    });
    const world = aWorld([...NODES, anEndpoint(), allowAll], { unread: ["Pod"] });
    expect(verdictFor(world, flowOf("in tcp/80"))).toMatchObject({ verdict: "allow", reason: "rule" });
  });

  test("services, partly matching source ports, unknown actions", () => {
    const ask = (rawRule: object) =>
      verdictFor(
        aWorld([...NODES, anEndpoint(), aPolicy({ types: ["Ingress"], ingress: [rawRule as never] })]),
        flowOf("in tcp/80"),
      );
    expect(ask({ action: "Allow", source: { services: { name: "s", namespace: "n" } } }).reason).toBe(
      "unknown-service",
    );
    expect(ask({ action: "Allow", protocol: "TCP", source: { ports: ["40000:50000"] } }).reason).toBe(
      "unknown-source-port",
    );
    expect(ask({ action: "Allow", protocol: "TCP", source: { ports: ["1024:65535"] } }).verdict).toBe(
      "allow",
    );
    expect(ask({ action: "Reject" }).reason).toBe("unknown-action");
  });

  test("a node that does not list its interfaces, and an endpoint that names one", () => {
    const node = { ...NODES[0], metadata: { name: "x" } } as (typeof NODES)[0];
    expect(verdictFor(aWorld([node, anEndpoint()]), flowOf("in tcp/80")).reason).toBe("unknown-interface");
    expect(verdictFor(aWorld([node, anEndpoint({ interfaceName: "*" })]), flowOf("in tcp/80")).verdict).toBe(
      "deny",
    );
    expect(verdictFor(aWorld([node, anEndpoint({ interfaceName: "" })]), flowOf("in tcp/80")).verdict).toBe(
      "deny",
    );
  });
});

describe("observed on real packets, beyond what the recorded cases here hold", () => {
  const untracked = aPolicy({
    doNotTrack: true,
    applyOnForward: true,
    types: ["Ingress"],
    ingress: [{ action: "Allow" }],
  });

  test("an untracked accept skips NAT, so a node port breaks", () => {
    const nodePort: Flow = { ...flowOf("in tcp/30443"), dnat: { ip: "192.0.2.10", port: 6443 } };
    expect(verdictFor(aWorld([...NODES, anEndpoint(), untracked]), nodePort)).toMatchObject({
      verdict: "deny",
      reason: "untracked-skips-dnat",
    });
  });

  test("an interface prefix that covers a network card", () => {
    const felix = {
      apiVersion: "projectcalico.org/v3",
      kind: "FelixConfiguration",
      metadata: { name: "default" },
      spec: { interfacePrefix: "cali,eth" },
    };
    expect(verdictFor(aWorld([...NODES, felix]), flowOf("in tcp/80"))).toMatchObject({
      verdict: "deny",
      reason: "covered-interface",
    });
  });

  test("IPv6 without ICMPv6: even a failsafe only works while the neighbour is remembered", () => {
    const flow: Flow = {
      node: "x",
      direction: "ingress",
      protocol: "tcp",
      source: { ip: "fd00::1" },
      destination: { ip: "fd00::10", port: 22 },
    };
    const icmp = aPolicy({
      ingress: [{ action: "Allow", protocol: "ICMPv6" }],
      egress: [{ action: "Allow", protocol: "ICMPv6" }],
    });
    const cold = { coldNeighbours: true };
    expect(verdictFor(aWorld([...NODES, anEndpoint()]), flow).reason).toBe("failsafe");
    expect(verdictFor(aWorld([...NODES, anEndpoint()]), flow, cold).reason).toBe("unknown-neighbour");
    expect(verdictFor(aWorld([...NODES, anEndpoint(), icmp]), flow, cold)).toMatchObject({
      verdict: "allow",
      reason: "failsafe",
    });
  });

  test("the environment of calico-node beats every FelixConfiguration", () => {
    const daemonSet = aCalicoNode([{ name: "FELIX_FailsafeInboundHostPorts", value: "tcp:80" }]);
    const world = aWorld([...NODES, anEndpoint(), daemonSet]);
    expect(verdictFor(world, flowOf("in tcp/80")).reason).toBe("failsafe");
    expect(verdictFor(world, flowOf("in tcp/22")).verdict).toBe("deny");
  });
});

test("objects that Calico ignores are named, with the reason", () => {
  const annotations = { "projectcalico.org/metadata": "{" };
  const broken = { ...aPolicy({}, "broken"), metadata: { name: "broken", annotations } };
  const { notes } = compilePolicies([
    broken,
    aPolicy({ selector: "a = 'b'" }, "bad-selector"),
    aPolicy(
      { ingress: [{ action: "Allow", protocol: "TCP", destination: { ports: ["90:80"] } }] },
      "bad-port",
    ),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "n" } },
  ]);
  expect(notes.map(({ object, message }) => `${object}: ${message}`)).toEqual([
    "GlobalNetworkPolicy/broken: Calico skips it: its metadata annotation cannot be read",
    "GlobalNetworkPolicy/bad-selector: Felix drops it because of Selector",
    expect.stringMatching(/^GlobalNetworkPolicy\/bad-port: Calico cannot decode it/),
    "ConfigMap/n/c: ConfigMap has no effect on verdicts here",
  ]);
});

test("selector errors name the position", () => {
  expect(checkSelector("role == 'db'")).toBeUndefined();
  expect(checkSelector("role = 'db'")).toBe("expected ==, at character 6");
  expect(checkSelector("has(a)\n")).toMatch(/unexpected character "\\n", at character 7/);
});

describe("world files", () => {
  test("several documents, comments, lists", () => {
    const text =
      "# world\napiVersion: v1\nkind: Node\nmetadata: {name: x}\n---\n---\nkind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: p}}\n";
    expect(parseWorldFile(text, "w.yaml")).toMatchObject({
      problems: [],
      objects: [{ kind: "Node" }, { kind: "Pod" }],
    });
    expect(
      parseWorldFile('[{"apiVersion":"v1","kind":"Node","metadata":{"name":"x"}}]', "w.json").objects,
    ).toHaveLength(1);
  });

  test("problems name file, document and line", () => {
    const text =
      "apiVersion: v1\nkind: Node\nmetadata: {name: x}\n---\napiVersion: v1\nkind: [\n---\nkind: Pod\n";
    expect(parseWorldFile(text, "w.yaml").problems).toEqual([
      expect.stringMatching(/^w\.yaml, document 2, line \d+: /),
      "w.yaml, document 3, line 8: the Pod has no apiVersion",
    ]);
  });
});

test("flow files: an array or lines, problems with their place", () => {
  const line = JSON.stringify(flowOf("in tcp/80"));
  expect(parseFlowsFile(`[${line},${line}]`, "f.json")).toMatchObject({ problems: [], flows: [{}, {}] });
  expect(parseFlowsFile(`# flows\n${line}\n\n{"node":1}\n{`, "f.jsonl")).toMatchObject({
    flows: [{}],
    problems: expect.arrayContaining([
      expect.stringMatching(/^f\.jsonl, line 5: /),
      expect.stringMatching(/^f\.jsonl, line 4: node: /),
    ]) as unknown,
  });
});

test.each<[string, object, string]>([
  ["a direction that is none", { direction: "incoming" }, "direction: Invalid option"],
  [
    "a protocol that is none",
    { protocol: "tpc" },
    "protocol: must be tcp, udp, icmp, icmpv6, sctp, udplite or a number",
  ],
  ["an address that is none", { source: { ip: "10.0.0" } }, "source.ip: must be an IP address"],
  ["a port beyond the last", { destination: { ip: "10.0.0.1", port: 70_000 } }, "destination.port: "],
  ["a port as text", { destination: { ip: "10.0.0.1", port: "22" } }, "destination.port: "],
  [
    "a key that is nearly one",
    { outinterface: "eth0" },
    "outinterface: unknown key, did you mean outInterface?",
  ],
  [
    "a key of another level",
    { destination: { ip: "10.0.0.1", prot: 22 } },
    "destination.prot: unknown key, did you mean port?",
  ],
  ["a verdict that is none", { expect: "drop" }, "expect: Invalid option"],
])("a flow with %s is refused, with its place and field", (_, wrong, sentence) => {
  const { problems } = parseFlowsFile(JSON.stringify([{ ...flowOf("in tcp/80"), ...wrong }]), "f.json");
  expect(problems).toEqual([expect.stringContaining(`f.json, flow 1: ${sentence}`)]);
});

test("a file of nonsense is told in a few lines, however long it is", () => {
  const { problems } = parseFlowsFile("{}\n".repeat(5_000), "f.jsonl");
  expect(problems.length).toBe(11);
  expect(problems.at(-1)).toMatch(/^and \d+ more problems$/);
});
