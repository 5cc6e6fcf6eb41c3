import type { CalicoGroup } from "../model/calico-group.ts";
import { ConflictError, NotFoundError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import { annotated } from "../plan/bookkeeping.ts";
import { isOwned } from "../plan/ownership.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";

export type AnnotateRequest = {
  readonly observed: HostEndpoint;
  readonly group: CalicoGroup;
  readonly owner: string;
  /** Annotations to add to the endpoint as it is now; undefined: nothing more to do. */
  readonly annotations: (current: HostEndpoint) => StringMap | undefined;
};

const MOST_ATTEMPTS = 4;

/**
 * Writes annotations on an endpoint of ours, and nothing else; once more on what somebody else made of it meanwhile.
 * Answers it as it is served then; undefined when it is gone, another one, or no longer ours, or there was nothing to do.
 * @throws what the gateway throws
 */
export async function annotateEndpoint(
  { observed, group, owner, annotations }: AnnotateRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<HostEndpoint | undefined> {
  let current: HostEndpoint | undefined = observed;
  for (let attempt = 1; ; attempt++) {
    if (current === undefined || current.uid !== observed.uid || current.deleting || !isOwned(current, owner))
      return undefined;
    const added = annotations(current);
    if (added === undefined) return undefined;
    try {
      return await cluster.update(group, current, annotated(current, added), signal);
    } catch (error) {
      if (attempt >= MOST_ATTEMPTS || !(error instanceof ConflictError || error instanceof NotFoundError))
        throw error;
      current = await cluster.getHostEndpoint(group, observed.name, signal);
    }
  }
}
