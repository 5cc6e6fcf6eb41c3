import type { HostEndpoint, DesiredHostEndpoint } from "../../model/host-endpoint.ts";
import type { Node } from "../../model/node.ts";
import { attachEndpoints } from "./attach-endpoints.ts";
import { endpointFieldsOfModel } from "./endpoint.ts";
import { nodeFactsOfModel } from "./node-facts.ts";
import type { CompiledPolicies, World } from "./world.ts";

/** Puts nodes and endpoints of the model under compiled policies: what a proof has, before and after a plan. */
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
