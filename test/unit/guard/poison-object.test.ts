import { expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { aFelixConfiguration, aGlobalNetworkPolicy, aGuardRequest } from "../../builders/a-guard-request.ts";

const reversedPorts = aGlobalNetworkPolicy("reversed", {
  selector: "nothing == 'here'",
  types: ["Ingress"],
  ingress: [{ action: "Allow", protocol: "TCP", destination: { ports: ["90:80"] } }],
});

test("while an object freezes Felix, new endpoints and tightening wait, and what gives traffic back goes on", () => {
  const guarded = guardPlan(
    aGuardRequest({
      nodes: ["node-1", "node-2", "node-3"],
      policies: [reversedPorts],
      existing: [
        { name: "node-2", profiles: [] },
        { name: "node-3", labels: { old: "label" } },
        { name: "gone", node: "gone" },
      ],
      settings: { limits: { deleteShare: 1 } },
    }),
  );
  expect(guarded.allowed.map((it) => `${it.kind} ${it.name}`)).toEqual(["update node-2", "delete gone"]);
  expect(
    guarded.withheld.map(({ action, violation }) => `${action.kind} ${action.name}: ${violation.reason}`),
  ).toEqual(expect.arrayContaining(["create node-1: poison-object", "update node-3: poison-object"]));
  expect(guarded.findings.find((it) => it.code === "poison-object")).toMatchObject({
    severity: "error",
    object: "GlobalNetworkPolicy/reversed",
  });
});

test("a failsafe that makes Felix exit is one too", () => {
  const felix = [aFelixConfiguration({ failsafeInboundHostPorts: [{ protocol: "SCTP", port: 22 }] })];
  const guarded = guardPlan(aGuardRequest({ nodes: ["node-1"], felix }));
  expect(guarded.withheld[0]?.violation.reason).toBe("poison-object");
});
