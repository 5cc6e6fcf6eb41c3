import { describe, expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { aGlobalNetworkPolicy, aGuardRequest } from "../../builders/a-guard-request.ts";

const allow = { action: "Allow" };
const outcomes = (guarded: ReturnType<typeof guardPlan>) => ({
  allowed: guarded.allowed.map((it) => `${it.kind} ${it.name}`),
  withheld: guarded.withheld.map(
    ({ action, violation }) => `${action.kind} ${action.name}: ${violation.reason}`,
  ),
});

describe("the rule of essential flows", () => {
  test("with the default settings and no policy nothing changes for any flow: the endpoints are made", () => {
    const guarded = guardPlan(aGuardRequest({ nodes: ["node-1", "node-2"] }));
    expect(outcomes(guarded)).toEqual({ allowed: ["create node-1", "create node-2"], withheld: [] });
    expect(guarded.findings).toEqual([]);
  });

  test("default deny is withheld for every node, and every cut flow is named with its fix", () => {
    const guarded = guardPlan(aGuardRequest({ nodes: ["node-1", "node-2"], profiles: [] }));
    expect(outcomes(guarded)).toEqual({
      allowed: [],
      withheld: ["create node-1: essential-flow-cut", "create node-2: essential-flow-cut"],
    });
    const cut = guarded.findings
      .filter((it) => it.code === "essential-flow-cut")
      .map((it) => it.message.split(":")[0]);
    expect(cut).toEqual(
      expect.arrayContaining([
        "api-server",
        "kubelet",
        "dns-tcp",
        "instance-metadata",
        "time",
        "cni-daemon",
        "registries",
        "sts",
      ]),
    );
    expect(cut).not.toContain("dns-udp");
    expect(cut).not.toContain("typha-in");
    expect(guarded.findings.find((it) => it.code === "failsafe-gap")?.fix).toContain(
      "kubectl patch felixconfigurations.crd.projectcalico.org default",
    );
  });

  test("a log-only policy without a selector is named, for ingress and egress", () => {
    const guarded = guardPlan(
      aGuardRequest({
        nodes: ["node-1"],
        policies: [aGlobalNetworkPolicy("log-only", { ingress: [{ action: "Log" }] })],
      }),
    );
    expect(outcomes(guarded).withheld).toEqual(["create node-1: essential-flow-cut"]);
    expect(guarded.withheld[0]?.violation.detail).toContain(
      "policy log-only applies in tier default, none of them allows it",
    );
    expect(guarded.findings.find((it) => it.code === "policy-starts-to-apply")).toMatchObject({
      severity: "warning",
      object: "GlobalNetworkPolicy/log-only",
      message: expect.stringContaining(
        "will start to apply to 1 node, ingress and egress, and has no allow rule for ingress and egress",
      ),
    });
  });

  test("what is denied before and after is a finding, and no violation", () => {
    const policies = [aGlobalNetworkPolicy("closed", { types: ["Ingress"] })];
    const guarded = guardPlan(
      aGuardRequest({
        nodes: ["node-1"],
        policies,
        existing: [{ name: "node-1", labels: { old: "label" } }],
      }),
    );
    expect(outcomes(guarded)).toEqual({ allowed: ["update node-1"], withheld: [] });
    expect(guarded.findings.map((it) => it.code)).toContain("essential-flow-denied");
  });

  test("a policy that allows everything first empties the violations", () => {
    const policies = [
      aGlobalNetworkPolicy("allow-all", {
        order: 1,
        types: ["Ingress", "Egress"],
        ingress: [allow],
        egress: [allow],
      }),
      aGlobalNetworkPolicy("log-only", { order: 2, ingress: [{ action: "Log" }] }),
    ];
    expect(
      outcomes(guardPlan(aGuardRequest({ nodes: ["node-1"], policies, profiles: [] }))).withheld,
    ).toEqual([]);
  });

  test("an endpoint whose addresses others depend on is not deleted under them", () => {
    // Every node allows the agent of the others by selector; the endpoint of node-2 loses its label.
    const policies = [
      aGlobalNetworkPolicy("agents", {
        types: ["Ingress"],
        ingress: [
          { action: "Allow", protocol: "TCP", destination: { notPorts: [9000] } },
          { action: "Allow", notProtocol: "TCP" },
          {
            action: "Allow",
            protocol: "TCP",
            source: { selector: "role == 'agent'" },
            destination: { ports: [9000] },
          },
        ],
      }),
    ];
    const request = aGuardRequest({
      nodes: ["node-1", "node-2"],
      policies,
      existing: [{ name: "node-1" }, { name: "node-2", labels: { role: "agent" } }],
      essentialFlows: [
        {
          id: "agent",
          direction: "ingress",
          protocol: "tcp",
          port: 9000,
          peers: ["10.0.0.3"],
          nodes: "all()",
          reason: "the agent",
        },
      ],
    });
    const guarded = guardPlan(request);
    expect(outcomes(guarded).withheld).toContain("update node-2: essential-flow-cut");
    expect(guarded.withheld[0]?.violation.detail).toContain("it would change other nodes (node-1)");
  });

  test("without knowing the API server's address, a rule for some addresses is not proof enough", () => {
    const policies = [
      aGlobalNetworkPolicy("some", {
        types: ["Egress"],
        egress: [
          { action: "Allow", protocol: "TCP", destination: { nets: ["10.0.0.0/16"], ports: [443] } },
          { action: "Allow", protocol: "TCP", destination: { notPorts: [443] } },
          { action: "Allow", notProtocol: "TCP" },
        ],
      }),
    ];
    const without = ["registries", "sts"];
    const unsure = guardPlan(aGuardRequest({ nodes: ["node-1"], policies, essentialFlowsWithout: without }));
    expect(outcomes(unsure).withheld).toEqual(["create node-1: essential-flow-unknown"]);
    const known = guardPlan(
      aGuardRequest({
        nodes: ["node-1"],
        policies,
        essentialFlowsWithout: without,
        network: { apiServerAddresses: ["10.0.77.1", "10.0.99.1"] },
      }),
    );
    expect(outcomes(known)).toEqual({ allowed: ["create node-1"], withheld: [] });
  });
});
