import { describe, expect, test } from "@jest/globals";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { findPoison } from "../../../lib/policy/poison/find-poison.ts";
import { decodeProblems } from "../../../lib/policy/validation/decode-problems.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { aWorld } from "../../builders/a-world.ts";
import { DEFAULT_ALLOW, NODES, aPolicy, anEndpoint, flowOf } from "./worlds.ts";

/** What the client meets when the endpoint's profile lets it in and the policy, if Felix keeps it, does not. */
function verdictWith(policy: JsonObject): string {
  const world = aWorld([
    ...NODES,
    anEndpoint(DEFAULT_ALLOW),
    aPolicy({ selector: "all()", types: ["Ingress"], ...policy }),
  ]);
  return verdictFor(world, flowOf("in tcp/8080")).verdict;
}

const deny = { action: "Deny" };

describe("what Felix makes of what its own validator would refuse", () => {
  test.each([
    ["a selector inside serviceAccounts that does not parse", { serviceAccounts: { selector: "a ==" } }],
    ["the same beside names", { serviceAccounts: { names: ["a"], selector: "a ==" } }],
  ])("%s loses the whole policy", (_name, source) => {
    expect(verdictWith({ ingress: [deny, { ...deny, source }] })).toBe("allow");
  });

  test("a hint that is there twice loses the whole policy", () => {
    const hint = "AssumeNeededOnEveryNode";
    expect(verdictWith({ ingress: [deny], performanceHints: [hint] })).toBe("deny");
    expect(verdictWith({ ingress: [deny], performanceHints: [hint, hint] })).toBe("allow");
  });

  test("names of service accounts that no selector can hold leave the rule open to everybody", () => {
    const rule = (name: string): JsonObject => ({
      action: "Allow",
      source: { serviceAccounts: { names: [name] } },
    });
    expect(verdictWith({ ingress: [rule("it")] })).toBe("deny");
    expect(verdictWith({ ingress: [rule("it's")] })).toBe("allow");
  });

  test("an override in an annotation stops Felix, which no API server checks", () => {
    const configuration = {
      apiVersion: "crd.projectcalico.org/v1",
      kind: "FelixConfiguration",
      metadata: { name: "default", annotations: { "config.projectcalico.org/ChainInsertMode": "prepend" } },
      spec: {},
    };
    expect(findPoison([configuration]).map(({ effect }) => effect)).toEqual(["crash-loop"]);
  });

  test("a key in another case is the field all the same", () => {
    expect(decodeProblems(aPolicy({ INGRESS: [{ Action: "Deny", ipversion: "4" }] }))).toEqual([
      "spec.ingress[0].ipVersion: expected a whole number",
    ]);
    expect(decodeProblems(aPolicy({ ingresses: [{ ipVersion: "4" }] }))).toEqual([]);
  });
});
