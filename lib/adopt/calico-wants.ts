import { parseSettings } from "../config/settings.ts";
import { buildDesired } from "../desired/build-desired.ts";
import { importSettings } from "../import/import-settings.ts";
import type { DesiredHostEndpoint } from "../model/host-endpoint.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { checkSelector } from "../policy/selector/parse-selector.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";

/** The endpoints that Calico's own controller makes by its configuration as it is now, by name. None while it is off. */
export async function calicoWants(
  { group, nodes }: Pick<Snapshot, "group" | "nodes">,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DesiredHostEndpoint>> {
  const configuration = await cluster.getObject(
    { groupVersion: group, resource: "kubecontrollersconfigurations" },
    "default",
    signal,
  );
  const { endpoints } = importSettings(configuration);
  const parsed = parseSettings({ endpoints: endpoints.map((it) => it.entry) }, checkSelector);
  if (!parsed.ok) return new Map();
  const desired = buildDesired({
    scope: { kind: "cluster" },
    nodes,
    templates: parsed.settings.endpoints,
    owner: parsed.settings.id,
  });
  return new Map(
    desired.nodes.flatMap((it) => (it.kind === "unfit" ? [] : it.endpoints)).map((it) => [it.name, it]),
  );
}
