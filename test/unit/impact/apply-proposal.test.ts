import { expect, test } from "@jest/globals";
import { worldGateway } from "../../../functions/shared/compose-world.ts";
import { applyProposal, type Proposal } from "../../../lib/impact/apply-proposal.ts";
import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../../../lib/model/calico-group.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import { takeSnapshot } from "../../../lib/snapshot/take-snapshot.ts";
import { settleFiles } from "../../../lib/world/settle-files.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { clock, signal } from "../world/both-ways.ts";

const policy = (
  name: string,
  spec: JsonObject = { types: ["Ingress"] },
  apiVersion: CalicoGroup = CALICO_V3,
  kind = "GlobalNetworkPolicy",
): KubernetesObject => ({ apiVersion, kind, metadata: { name }, spec });
const stored = (name: string, spec?: JsonObject) => policy(name, spec, CALICO_V1);

function snapshotOf(...objects: readonly KubernetesObject[]): Promise<Snapshot> {
  return takeSnapshot(
    { scope: { kind: "cluster" }, namePatterns: [], allAddresses: true },
    { cluster: worldGateway(settleFiles([[aNodeObject({ name: "n1" }), ...objects]])), clock },
    signal,
  );
}

const nothing: Proposal = { files: [], deletes: [], applyWay: "unknown" };
const policiesOf = ({ policyObjects }: Snapshot) =>
  policyObjects.globalNetworkPolicies.map((it) => [it.metadata.name, it.spec?.["order"]]);

test("a later file replaces an earlier one, and both what is stored, whatever the API group", async () => {
  const before = await snapshotOf(stored("web", { types: ["Ingress"], order: 1 }));
  const files = [
    [policy("web", { types: ["Ingress"], order: 3 })],
    [policy("web", { types: ["Ingress"], order: 2 })],
  ];
  const { after } = applyProposal(before, { ...nothing, files });
  expect(policiesOf(after)).toEqual([["web", 2]]);
  expect(after.policyObjects.globalNetworkPolicies[0]?.apiVersion).toBe(CALICO_V1);
});

test("a policy that is stored with the prefix of its tier is meant by its name, and keeps the stored one", async () => {
  const before = await snapshotOf(stored("default.web", { types: ["Ingress"], order: 1 }));
  const files = [[policy("web", { types: ["Ingress"], order: 2 })]];
  expect(policiesOf(applyProposal(before, { ...nothing, files }).after)).toEqual([["default.web", 2]]);
  const deletes = [{ kind: "GlobalNetworkPolicy", name: "web" }];
  expect(policiesOf(applyProposal(before, { ...nothing, deletes }).after)).toEqual([]);
});

test("where both names are stored, the one that is written counts", async () => {
  const before = await snapshotOf(stored("web", { order: 1 }), stored("default.web", { order: 2 }));
  const files = [[policy("web", { types: ["Ingress"], order: 9 })]];
  expect(policiesOf(applyProposal(before, { ...nothing, files }).after)).toEqual([
    ["default.web", 2],
    ["web", 9],
  ]);
});

test("what is to be deleted and does not exist is refused, with what there is", async () => {
  const before = await snapshotOf(stored("web"));
  const deletes = [{ kind: "GlobalNetworkPolicy", name: "wob" }];
  expect(() => applyProposal(before, { ...nothing, deletes })).toThrow(
    "there is no GlobalNetworkPolicy called wob to delete; there are web",
  );
  const tier = [{ kind: "Tier", name: "x" }];
  expect(() => applyProposal(before, { ...nothing, deletes: tier })).toThrow("there is none at all");
});

test("staged policies do nothing and are told, unless they are asked for", async () => {
  const before = await snapshotOf(stored("web"));
  const staged = policy("web", { types: ["Ingress"], order: 5 }, CALICO_V3, "StagedGlobalNetworkPolicy");
  const without = applyProposal(before, { ...nothing, files: [[staged]] });
  expect(policiesOf(without.after)).toEqual([["web", undefined]]);
  expect(without.findings).toMatchObject([
    { code: "not-looked-at", object: "StagedGlobalNetworkPolicy/web" },
  ]);
  const withStaged = applyProposal(before, { ...nothing, files: [[staged]], staged: [] });
  expect(policiesOf(withStaged.after)).toEqual([["web", 5]]);
  const gone = { ...staged, spec: { stagedAction: "Delete" } };
  const deleted = applyProposal(before, { ...nothing, files: [[gone]], staged: [] });
  expect([policiesOf(deleted.after), deleted.findings]).toEqual([[], []]);
});

test.each([
  ["calicoctl", CALICO_V1, ["Egress"]],
  ["v3-admission", CALICO_V3, ["Ingress", "Egress"]],
] as const)("missing types, filled in by %s", async (applyWay, group, types) => {
  const before = await snapshotOf(policy("other", undefined, group));
  const file = [policy("web", { ingress: [], egress: [{ action: "Allow" }] })];
  const { after } = applyProposal(before, { ...nothing, files: [file], applyWay });
  const web = after.policyObjects.globalNetworkPolicies.find((it) => it.metadata.name === "web");
  expect(web?.spec?.["types"]).toEqual(types);
});

test("what would be refused, and what does not decide, is told and stops nothing", async () => {
  const before = await snapshotOf(stored("web"));
  const files = [
    [
      policy("bad", {
        types: ["Ingress"],
        ingress: [{ action: "Allow", protocol: "TCP", destination: { ports: ["90:80"] } }],
      }),
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "shop" } },
    ],
  ];
  const { findings } = applyProposal(before, { ...nothing, files });
  expect(findings.map((it) => [it.code, it.object])).toEqual([
    ["not-looked-at", "Deployment/shop"],
    ["refused-object", "GlobalNetworkPolicy/bad"],
  ]);
});
