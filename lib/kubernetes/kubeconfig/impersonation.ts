/** Whom the user of a kubeconfig acts as, in the headers that the API server reads. */
import type { KubeconfigContext } from "./kubeconfig-context.ts";

export function impersonationOf(context: KubeconfigContext): Readonly<Record<string, string | string[]>> {
  const { user, impersonateGroups } = context;
  return {
    ...(typeof user.impersonateUser === "string" ? { "impersonate-user": user.impersonateUser } : {}),
    ...(impersonateGroups.length > 0 ? { "impersonate-group": [...impersonateGroups] } : {}),
  };
}
