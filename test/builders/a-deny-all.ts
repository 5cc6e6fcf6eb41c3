import { CALICO_V1 } from "../../lib/model/calico-group.ts";

/** Denies everything to every endpoint, both ways: the guard withholds. */
export const denyAll = {
  apiVersion: CALICO_V1,
  kind: "GlobalNetworkPolicy",
  metadata: { name: "default.deny" },
  spec: {
    selector: "all()",
    types: ["Ingress", "Egress"],
    ingress: [{ action: "Deny" }],
    egress: [{ action: "Deny" }],
  },
};
