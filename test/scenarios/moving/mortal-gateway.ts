import type { ClusterGateway } from "../../../lib/ports/kubernetes.ts";

/** The process is gone: nothing of it goes on. */
export class KilledError extends Error {}

/** A gateway that takes its process with it right after its first write, or right before it. */
export function mortalGateway(gateway: ClusterGateway, when: "before" | "after"): ClusterGateway {
  let dead = false;
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead || when === "before") {
      dead = true;
      throw new KilledError("killed");
    }
    dead = true;
    await work();
    throw new KilledError("killed");
  };
  return {
    ...gateway,
    create: (...given) => write(() => gateway.create(...given)),
    update: (...given) => write(() => gateway.update(...given)),
    delete: (...given) => write(() => gateway.delete(...given)),
  };
}
