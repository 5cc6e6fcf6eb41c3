import { buildDesired } from "../desired/build-desired.ts";
import { parseSettings } from "../config/settings.ts";
import { isOf } from "../adopt/choose-endpoints.ts";
import type { Other } from "../adopt/adopt-request.ts";
import { DeniedError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import type { Node } from "../model/node.ts";
import { driftOf } from "../plan/drift.ts";
import { isOwned } from "../plan/ownership.ts";
import { checkSelector } from "../policy/selector/parse-selector.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import { readClusterState } from "../snapshot/read-cluster-state.ts";
import { importManual } from "./import-manual.ts";
import { importOperator, OPERATOR_CONTAINER } from "./import-operator.ts";
import type { ImportedSettings } from "./imported-settings.ts";
import { readCalicoSettings } from "./read-calico-settings.ts";

export type SourceRequest = {
  readonly from: Other;
  /** Installation id. */
  readonly owner: string;
  /** A regular expression of Python as one of JavaScript. */
  readonly translate: (python: string) => string;
};

const MOST_NAMED = 20;

/**
 * Reads who made the endpoints until now, and prints what is the same as settings; then holds the settings against the endpoints
 * that are there, one by one.
 * @throws errors of `model/errors.ts`
 */
export async function readSource(
  request: SourceRequest,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<ImportedSettings> {
  const { group } = await readClusterState(cluster, signal);
  const endpoints = await cluster.listHostEndpoints(group, signal);
  const nodes = await cluster.listNodes(signal);
  const imported = await importFrom(request, { endpoints, nodes }, cluster, signal);
  const theirs = endpoints.filter((it) => isOf(it, request.from));
  const differences = compare(imported, { endpoints: theirs, nodes });
  return { ...imported, notes: [...imported.notes, ...differences] };
}

type Present = { readonly endpoints: readonly HostEndpoint[]; readonly nodes: readonly Node[] };

async function importFrom(
  { from, owner, translate }: SourceRequest,
  { endpoints, nodes }: Present,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<ImportedSettings> {
  switch (from) {
    case "auto":
      return readCalicoSettings(cluster, owner, signal);
    case "operator":
      return importOperator({ deployments: await readDeployments(cluster, signal), nodes, translate });
    case "manual":
      return importManual({
        endpoints: endpoints.filter((it) => isOf(it, "manual") && !isOwned(it, owner)),
        nodes,
      });
  }
}

async function readDeployments(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  try {
    const path = { groupVersion: "apps/v1", resource: "deployments", container: OPERATOR_CONTAINER };
    return await cluster.listObjects(path, signal);
  } catch (error) {
    if (!(error instanceof DeniedError)) throw error;
    throw new DeniedError(
      `Deployments of the group apps may not be listed, so nobody knows how hostendpoint-operator is configured: ${error.message}`,
      error.status,
      { cause: error },
    );
  }
}

/** What an adoption with these settings would change. */
function compare(imported: ImportedSettings, { endpoints, nodes }: Present): readonly string[] {
  const parsed = parseSettings(
    { ...imported.settings, endpoints: imported.endpoints.map((it) => it.entry) },
    checkSelector,
  );
  if (!parsed.ok) return parsed.problems;
  const desired = buildDesired({
    scope: { kind: "cluster" },
    nodes,
    templates: parsed.settings.endpoints,
    owner: parsed.settings.id,
  });
  const wanted = new Map(
    desired.nodes.flatMap((it) => (it.kind === "unfit" ? [] : it.endpoints)).map((it) => [it.name, it]),
  );
  const told = endpoints.flatMap((it) => {
    const target = wanted.get(it.name);
    if (target === undefined) return [];
    const changes = driftOf(it, target).filter(
      ({ path }) => !/owner"\]$|created-by"\]$|annotations/.test(path),
    );
    return changes.map(
      ({ path, from, to }) =>
        `HostEndpoint/${it.name} will change: ${path}: ${JSON.stringify(from) ?? "absent"} -> ${JSON.stringify(to) ?? "absent"}`,
    );
  });
  return [
    ...told.slice(0, MOST_NAMED),
    ...(told.length > MOST_NAMED
      ? [`... and ${told.length - MOST_NAMED} more; "hepctl adopt" shows all`]
      : []),
  ];
}
