/** The cluster that the workshop's reader has: two nodes, and Calico as its installer leaves it, with Calico's own API. */
import { ApiError, type AnyObject } from "../../control-plane/admin-client.ts";
import type { ControlPlane } from "../../control-plane/control-plane.ts";
import { aNodeObject } from "../../builders/a-node.ts";

const group = "projectcalico.org/v3";
const definition =
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/felixconfigurations.projectcalico.org";

export async function prepareCluster(controlPlane: ControlPlane): Promise<void> {
  await knowOnlyCalicosFields(controlPlane);
  await controlPlane.apply([
    ...["10.0.1.11", "10.0.1.12"].map((address, index): AnyObject => {
      const name = `node${index + 1}`;
      const addresses = [{ type: "InternalIP", address }];
      const { metadata, ...node } = aNodeObject({ name, addresses });
      return { ...node, metadata: { ...metadata } };
    }),
    calico("Tier", { order: 1_000_000, defaultAction: "Deny" }),
    calico("FelixConfiguration", {}),
    calico("ClusterInformation", { datastoreReady: true, calicoVersion: "v3.32.0" }),
  ]);
}

/**
 * The embedded definition of FelixConfiguration keeps fields that it does not know; Calico's own, with all of its fields,
 * drops them. The workshop tells what Calico's does.
 */
async function knowOnlyCalicosFields(controlPlane: ControlPlane): Promise<void> {
  const { admin } = controlPlane;
  const served = await admin.get(definition);
  const strict = JSON.parse(
    JSON.stringify(served).replaceAll('"x-kubernetes-preserve-unknown-fields":true', '"description":""'),
  ) as AnyObject;
  await admin.replace(definition, strict);
  // The server takes a new schema into use a moment after it was written.
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const probe = { ...calico("FelixConfiguration", { flowLogsEnableHostEndpoint: true }) };
    const path = `/apis/${group}/felixconfigurations?dryRun=All`;
    const created = await admin
      .create(path, { ...probe, metadata: { name: `node.probe-${attempt}` } })
      .catch(unlessChangingOver);
    if (created !== undefined && !JSON.stringify(created["spec"] ?? {}).includes("flowLogs")) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the API server keeps fields that Calico's definition does not have");
}

/** While the server takes the old handler of a resource away, it answers 503 («apiserver is shutting down»). */
function unlessChangingOver(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.status !== 503) throw error;
}

function calico(kind: string, spec: unknown): AnyObject {
  return { apiVersion: group, kind, metadata: { name: "default" }, spec };
}
