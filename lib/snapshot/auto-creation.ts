/**
 * What Calico's kube-controllers does about automatic host endpoints.
 *
 * In: KubeControllersConfiguration/default as served, or nothing. Out: whether it makes them, and by what configuration.
 * `AUTO_HOST_ENDPOINTS` in the environment of kube-controllers beats the configuration and is visible only in
 * `status.runningConfig`, where a switched-off controller leaves no `hostEndpoint` (docs/calico.md 0, item 8; 16).
 */
import type { JsonObject, KubernetesObject } from "../model/kubernetes-object.ts";
import { isJsonObject, objectAt } from "../model/read-json.ts";

export type AutoCreation =
  | { readonly kind: "on"; readonly hostEndpoint: JsonObject; readonly origin: ConfigurationOrigin }
  /** It deletes what carries its label. */
  | { readonly kind: "off"; readonly hostEndpoint: JsonObject; readonly origin: ConfigurationOrigin }
  /** The node controller does not run: nothing is made, changed or deleted. */
  | { readonly kind: "frozen" }
  | { readonly kind: "absent" };
export type ConfigurationOrigin = "spec" | "running";

export function autoCreationOf(configuration: KubernetesObject | undefined): AutoCreation {
  if (configuration === undefined) return { kind: "absent" };
  const status = isJsonObject(configuration.status) ? configuration.status : {};
  const running = status["runningConfig"];
  const [origin, config] = isJsonObject(running)
    ? (["running", running] as const)
    : (["spec", configuration.spec] as const);
  const node = objectAt(config, "controllers")["node"];
  if (!isJsonObject(node)) return { kind: "frozen" };
  const hostEndpoint = objectAt(node, "hostEndpoint");
  return { kind: hostEndpoint["autoCreate"] === "Enabled" ? "on" : "off", hostEndpoint, origin };
}
