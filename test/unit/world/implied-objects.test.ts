import { describe, expect, test } from "@jest/globals";
import type { Flow } from "../../../lib/model/flow.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { settleFiles } from "../../../lib/world/settle-files.ts";
import { worldOf, worldOfFiles } from "../../../lib/world/world-of.ts";
import { aSnapshot } from "../../builders/a-guard-request.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";

const flow: Flow = {
  node: "n",
  direction: "ingress",
  protocol: "tcp",
  source: { ip: "192.0.2.9" },
  destination: { ip: "10.0.0.1", port: 8080 },
};

function inFiles(profiles: readonly string[], more: readonly KubernetesObject[] = []) {
  const objects = [
    aNodeObject({ name: "n" }),
    aHostEndpointObject({ name: "n", node: "n", profiles }),
    ...more,
  ];
  const { verdict, reason } = verdictFor(worldOfFiles(settleFiles([objects])), flow);
  return `${verdict}: ${reason}`;
}

function live(profiles: readonly string[]) {
  const snapshot = aSnapshot({ nodes: ["n"], existing: [{ name: "n", node: "n", profiles }] });
  const { verdict, reason } = verdictFor(worldOf(snapshot), flow);
  return `${verdict}: ${reason}`;
}

const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "a", namespace: "seen" } };

describe("profiles that no object shows (docs/calico-versions.md 5)", () => {
  test.each<[string, readonly string[], string, string]>([
    ["the allow profile", ["projectcalico-default-allow"], "allow: profile", "allow: profile"],
    ["of a namespace that every cluster has", ["kns.kube-system"], "allow: profile", "allow: profile"],
    ["of another one", ["kns.kube-node-lease"], "allow: profile", "allow: profile"],
    [
      "of a service account that every namespace has",
      ["ksa.default.default"],
      "deny: no-profile",
      "deny: no-profile",
    ],
    [
      "which lets the next one decide",
      ["ksa.default.default", "kns.default"],
      "allow: profile",
      "allow: profile",
    ],
    [
      "of a namespace that may or may not be there",
      ["kns.shop"],
      "deny: missing-profile",
      "unknown: unknown-profile",
    ],
    [
      "of an account that may or may not be there",
      ["ksa.shop.web"],
      "deny: missing-profile",
      "deny: no-profile",
    ],
    [
      "and the next one would allow",
      ["ksa.shop.web", "kns.default"],
      "deny: missing-profile",
      "unknown: unknown-profile",
    ],
    ["of nothing that exists anywhere", ["bogus"], "deny: missing-profile", "deny: missing-profile"],
    ["with a name that only looks like it", ["ksa.default"], "deny: missing-profile", "deny: no-profile"],
  ])("%s", (_what, profiles, files, cluster) => {
    expect({ files: inFiles(profiles), live: live(profiles) }).toEqual({ files, live: cluster });
  });

  test("every namespace that is shown, or proven by what lives in it, has its account", () => {
    expect(inFiles(["ksa.shop.default", "kns.shop"], [namespace("shop")])).toBe("allow: profile");
    expect(inFiles(["ksa.seen.default", "kns.seen"], [account])).toBe("allow: profile");
  });

  test("what is shown is not made up again: its labels count", () => {
    const objects = [
      aNodeObject({ name: "n" }),
      aHostEndpointObject({ name: "n", node: "n", profiles: ["kns.default"] }),
      { ...namespace("default"), metadata: { name: "default", labels: { team: "x" } } },
    ];
    const world = worldOfFiles(settleFiles([objects]));
    expect(Object.fromEntries(world.endpoints.get("n")?.labels ?? [])).toMatchObject({ "pcns.team": "x" });
    expect(world.notes).toEqual([]);
  });
});
