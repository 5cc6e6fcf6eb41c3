import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import type { PoisonRow } from "./poison.ts";

/** The longest policy name that nftables mode survives is shorter than what Kubernetes allows (observed at 243 characters). */
const FATAL_NAME_LENGTH = 243;

/** Source: docs/calico.md 0 item 11; docs/calico-versions.md 3. */
export const POLICY_POISON: readonly PoisonRow<KubernetesObject>[] = [
  {
    source: "docs/calico-versions.md 3 (GNP name of 243 characters)",
    versions: [["3.29.0", undefined]],
    renderings: ["nftables"],
    effect: "crash-loop",
    find: ({ metadata }) =>
      metadata.name.length >= FATAL_NAME_LENGTH
        ? [
            {
              field: "metadata.name",
              why: "nftables mode cannot hold so long a name",
              fix: "Give it a shorter name.",
            },
          ]
        : [],
  },
];
