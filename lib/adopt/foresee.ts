import { endpointsWantedBy } from "../desired/build-desired.ts";
import type { Finding } from "../model/finding.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { OWNER_LABEL } from "../names/names.ts";
import { foreignOwner } from "../plan/ownership.ts";
import { autoCreationOf } from "../snapshot/auto-creation.ts";
import type { AdoptPorts, AdoptRequest } from "./adopt-request.ts";

/** What comes next, when that is not what a person expects, and the step that is left to do by hand. */
export async function foresee(
  request: AdoptRequest,
  { snapshot, endpoints }: { readonly snapshot: Snapshot; readonly endpoints: readonly HostEndpoint[] },
  { settings, cluster }: AdoptPorts,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (request.to !== undefined) return nextStepBack(request.to, snapshot);
  const nodes = new Map(snapshot.nodes.map((it) => [it.name, it]));
  const kept = new Set(settings.kept);
  const isWanted = (it: HostEndpoint, node: Node) =>
    kept.has(it.name) ||
    endpointsWantedBy(node, settings.endpoints, settings.id, snapshot.nodes).some(
      ({ name }) => name === it.name,
    );
  const found = endpoints.flatMap((it) => [...ofOther(it), ...ofUnwanted(it, nodes.get(it.node), isWanted)]);
  if (request.from !== "auto") return found;
  const configuration = await cluster.getObject(
    { groupVersion: snapshot.group, resource: "kubecontrollersconfigurations" },
    "default",
    signal,
  );
  const { kind } = autoCreationOf(configuration);
  const bySpec = autoCreationOf(configuration && { ...configuration, status: {} }).kind;
  if (kind !== "on") return found;
  return [
    ...found,
    {
      severity: "info",
      code: "switch-off",
      object: "KubeControllersConfiguration/default",
      message:
        "Calico still makes host endpoints. Once all of them are taken over, switch that off; it deletes only what still carries its label",
      fix: `${bySpec === "on" ? SWITCH_OFF : SWITCH_OFF_ENVIRONMENT}; then run this command again: it looks after nodes that were born meanwhile`,
    },
  ];
}

const SWITCH_OFF =
  'kubectl patch kubecontrollersconfigurations default --type merge -p \'{"spec":{"controllers":{"node":{"hostEndpoint":{"autoCreate":"Disabled"}}}}}\'';
const SWITCH_OFF_ENVIRONMENT =
  "take AUTO_HOST_ENDPOINTS out of the environment of the Deployment calico-kube-controllers";
const SWITCH_ON =
  'kubectl patch kubecontrollersconfigurations default --type merge -p \'{"spec":{"controllers":{"node":{"hostEndpoint":{"autoCreate":"Enabled"}}}}}\'';

function ofOther(endpoint: HostEndpoint): readonly Finding[] {
  if (foreignOwner(endpoint) !== "other-installation" || endpoint.labels[OWNER_LABEL] === undefined)
    return [];
  return [
    {
      severity: "warning",
      code: "other-installation",
      object: `HostEndpoint/${endpoint.name}`,
      message: `it belongs to the installation "${endpoint.labels[OWNER_LABEL]}", which will report it as foreign from now on`,
      fix: "see that the two installations select different nodes",
    },
  ];
}

function ofUnwanted(
  endpoint: HostEndpoint,
  node: Node | undefined,
  isWanted: (endpoint: HostEndpoint, node: Node) => boolean,
): readonly Finding[] {
  if (node !== undefined && isWanted(endpoint, node)) return [];
  const next =
    node === undefined
      ? {
          message: `its node ${endpoint.node} does not exist: the next reconcile deletes it`,
          fix: "nothing, when the node is gone for good",
        }
      : {
          message: `no entry of \`endpoints\` gives node ${endpoint.node} an endpoint of this name: its deletion waits for a person then (hepctl confirm-deletes)`,
          fix: 'add an entry with its name pattern to the settings ("hepctl import" prints them), or name it under `kept`, before the next reconcile',
        };
  return [{ severity: "warning", code: "not-wanted", object: `HostEndpoint/${endpoint.name}`, ...next }];
}

function nextStepBack(to: NonNullable<AdoptRequest["to"]>, { cluster }: Snapshot): readonly Finding[] {
  const object = to === "auto" ? "KubeControllersConfiguration/default" : "Cluster/hostendpoints";
  const step = (code: "switch-on" | "stop-ours", message: string, fix: string): Finding => ({
    severity: "info",
    code,
    object,
    message,
    fix,
  });
  if (to === "auto" && !cluster.autoHostEndpoints)
    return [
      step(
        "switch-on",
        "Calico makes no host endpoints now, and deletes what carries its label. Switched on, it leaves alone what has a name that it would use",
        `${SWITCH_ON}; then run this command again`,
      ),
    ];
  return [
    step(
      "stop-ours",
      "what was given back is not touched by us any more",
      to === "auto"
        ? "kubectl -n calico-system rollout restart deployment calico-kube-controllers (kube-system without the operator): it then knows them as its own. Then take our installation away: onDestroy: keep, npm run destroy -- NAME"
        : "take our installation away: onDestroy: keep, npm run destroy -- NAME",
    ),
  ];
}
