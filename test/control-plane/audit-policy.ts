import { stringify } from "yaml";

/**
 * The text of `--audit-policy-file`: every request with verb, resource, user and answer, without bodies. Left out are the
 * server's own loopback requests (user `system:apiserver`), which nobody under test has sent.
 */
export function auditPolicy(): string {
  return stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    omitManagedFields: true,
    rules: [{ level: "None", users: ["system:apiserver"] }, { level: "Metadata" }],
  });
}
