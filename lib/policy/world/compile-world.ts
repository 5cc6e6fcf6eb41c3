import type { HostEndpoint, DesiredHostEndpoint } from "../../model/host-endpoint.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import type { Node } from "../../model/node.ts";
import { readMetadata } from "../objects/read-metadata.ts";
import { attachEndpoints } from "./attach-endpoints.ts";
import { compilePolicies, nameOf, uniqueObjects, type CompileOptions } from "./compile-policies.ts";
import { endpointFieldsOfModel, endpointFieldsOfObject } from "./endpoint.ts";
import { nodeFactsOfModel, nodeFactsOfObject } from "./node-facts.ts";
import type { CompiledPolicies, Note, World } from "./world.ts";

/**
 * Compiles a whole world from objects as the API serves them, v1 and v3 forms mixed. `world.notes` names what was
 * ignored and why. Source: docs/calico.md, "Pipeline to emulate".
 */
export function compileWorld(objects: readonly KubernetesObject[], options: CompileOptions = {}): World {
  const notes: Note[] = [];
  const unique = uniqueObjects(objects, []);
  const endpoints = unique
    .filter((object) => object.kind === "HostEndpoint")
    .flatMap((object) => {
      const metadata = readMetadata(object);
      if (metadata !== undefined) return [endpointFieldsOfObject(object, metadata)];
      notes.push({
        object: nameOf(object),
        message: "Calico skips it: its metadata annotation cannot be read",
      });
      return [];
    });
  const nodes = unique.filter((object) => object.kind === "Node").map(nodeFactsOfObject);
  const others = objects.filter((object) => object.kind !== "HostEndpoint" && object.kind !== "Node");
  const world = attachEndpoints(compilePolicies(others, options), { endpoints, nodes });
  return { ...world, notes: [...world.notes, ...notes] };
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
