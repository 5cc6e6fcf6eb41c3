import { CALICO_V1, CALICO_V3 } from "../../model/calico-group.ts";
import type { HostEndpoint, DesiredHostEndpoint } from "../../model/host-endpoint.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import type { Node } from "../../model/node.ts";
import { projectNode } from "../../model/project-node.ts";
import { decodeHostEndpoint } from "../../model/read-host-endpoint.ts";
import { attachEndpoints } from "./attach-endpoints.ts";
import { compilePolicies, uniqueObjects, type CompileOptions } from "./compile-policies.ts";
import { endpointFieldsOfModel } from "./endpoint.ts";
import { nodeFactsOfModel } from "./node-facts.ts";
import type { CompiledPolicies, World } from "./world.ts";

/**
 * Compiles a whole world from objects as the API serves them, v1 and v3 forms mixed. `world.notes` names what was
 * ignored and why. Source: docs/calico.md, "Pipeline to emulate".
 */
export function compileWorld(objects: readonly KubernetesObject[], options: CompileOptions = {}): World {
  const unique = uniqueObjects(objects, []);
  const served = unique.filter((object) => object.kind === "HostEndpoint");
  const hostEndpoints = served.map((object) =>
    decodeHostEndpoint(object.apiVersion === CALICO_V1 ? CALICO_V1 : CALICO_V3, object),
  );
  const nodes = unique.filter((object) => object.kind === "Node").map((object) => projectNode(object));
  const others = objects.filter((object) => object.kind !== "HostEndpoint" && object.kind !== "Node");
  return attachModelEndpoints(compilePolicies(others, { hostEndpoints: served, ...options }), {
    hostEndpoints,
    nodes,
  });
}

/** The same for nodes and endpoints of the model: what the guard has, before and after a plan. */
export function attachModelEndpoints(
  policies: CompiledPolicies,
  given: {
    readonly hostEndpoints: readonly (HostEndpoint | DesiredHostEndpoint)[];
    readonly nodes: readonly Node[];
  },
): World {
  return attachEndpoints(policies, {
    endpoints: given.hostEndpoints.map(endpointFieldsOfModel),
    nodes: given.nodes.map(nodeFactsOfModel),
  });
}
