import type { ReachedCluster } from "../../shared/compose-cli.ts";

/** `EKS cluster prod in eu-west-1 of account 111122223333 (https://…)`, `context "dev" (https://…)`. */
export function nameOfCluster({ eks, context, server }: ReachedCluster): string {
  if (eks === undefined) return `context "${context ?? ""}" (${server})`;
  const account = eks.account === undefined ? "" : ` of account ${eks.account}`;
  return `EKS cluster ${eks.name} in ${eks.region}${account} (${server})`;
}
