import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { ForeignEndpoint } from "../model/plan.ts";
import { AUTO_HOST_ENDPOINT_SUFFIX, CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../names/names.ts";

/** True when the endpoint carries our owner label with our id, in either label home (the codec has merged them). */
export function isOwned(endpoint: HostEndpoint, owner: string): boolean {
  return endpoint.labels[OWNER_LABEL] === owner;
}

/** Whose endpoint it is when it is not ours. */
export function foreignOwner(endpoint: HostEndpoint): ForeignEndpoint["owner"] {
  if (endpoint.labels[OWNER_LABEL] !== undefined) return "other-installation";
  if (
    endpoint.labels[CALICO_CREATED_BY_LABEL] !== undefined ||
    endpoint.name.endsWith(AUTO_HOST_ENDPOINT_SUFFIX)
  )
    return "calico-auto";
  return "unknown";
}
