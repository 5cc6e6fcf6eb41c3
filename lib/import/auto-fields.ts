import { ALLOW_PROFILE } from "../names/names.ts";

/** What all of Calico's automatic endpoints have in common (docs/calico.md 16). */
export const AUTO_FIELDS = {
  sources: { addresses: ["InternalIP", "Bgp", "Tunnel", "Interfaces"] },
  profiles: { profiles: [ALLOW_PROFILE] },
  labels: { from: ["Node", "Calico"] },
} as const;
