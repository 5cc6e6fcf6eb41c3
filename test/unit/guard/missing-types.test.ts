import { expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { aGlobalNetworkPolicy, aGuardRequest } from "../../builders/a-guard-request.ts";

const rule = { action: "Allow" };
const found = (spec: JsonObject) =>
  guardPlan(aGuardRequest({ nodes: ["node-1"], policies: [aGlobalNetworkPolicy("p", spec)] }))
    .findings.filter((it) => it.code === "policy-without-types")
    .map((it) => `${it.object}: ${/types: \[\w+\]/.exec(it.fix)?.[0] ?? ""}`);

test.each<[string, JsonObject, readonly string[]]>([
  ["only ingress rules", { ingress: [rule] }, ["GlobalNetworkPolicy/p: types: [Ingress]"]],
  ["only egress rules", { egress: [rule] }, ["GlobalNetworkPolicy/p: types: [Egress]"]],
  ["no rules", {}, ["GlobalNetworkPolicy/p: types: [Ingress]"]],
  ["an empty list of types", { types: [], egress: [rule] }, ["GlobalNetworkPolicy/p: types: [Egress]"]],
  ["rules for both", { ingress: [rule], egress: [rule] }, []],
  ["types", { types: ["Ingress"], ingress: [rule] }, []],
  ["a policy that no endpoint of ours feels", { selector: "role == 'nobody'", ingress: [rule] }, []],
])("a stored policy with %s", (_what, spec, expected) => {
  expect(found({ selector: "all()", ...spec })).toEqual(expected);
});
