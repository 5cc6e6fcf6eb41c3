import type { Instance } from "../../lib/model/instance.ts";

/** A running instance of cluster `prod`. */
export function anInstance(more: Partial<Instance> = {}): Instance {
  return {
    instanceId: "i-0123456789abcdef0",
    state: "running",
    privateDnsName: "ip-10-0-1-5.eu-west-1.compute.internal",
    availabilityZone: "eu-west-1a",
    privateIPv4: "10.0.1.5",
    clusters: ["prod"],
    ...more,
  };
}
