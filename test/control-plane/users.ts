import { randomBytes } from "node:crypto";
import { stringify } from "yaml";

/** A user as kube-apiserver sees one: RBAC decides what the name and the groups may do. */
export type User = {
  readonly name: string;
  readonly groups: readonly string[];
};

/** A user with the static token that proves it. */
export type UserWithToken = User & { readonly token: string };

/** Member of `system:masters`: everything is allowed. For arranging a test's world, never for the code under test. */
export const admin: User = { name: "control-plane-admin", groups: ["system:masters"] };

/** Gives each user a fresh random token. Throws when two users have one name. */
export function withTokens(users: readonly User[]): readonly UserWithToken[] {
  const names = new Set<string>();
  return users.map((user) => {
    if (names.has(user.name)) throw new Error(`two users are called ${user.name}`);
    names.add(user.name);
    return { ...user, token: randomBytes(24).toString("hex") };
  });
}

/** The text of `--token-auth-file`: one line `token,name,uid,"group,group"` per user. */
export function tokenFile(users: readonly UserWithToken[]): string {
  return users.map(({ name, groups, token }) => `${token},${name},${name},"${groups.join(",")}"\n`).join("");
}

/** A kubeconfig with one context, in which `user` talks to the server at `url`. */
export function kubeconfigFor(user: UserWithToken, url: string, caData: string): string {
  const name = "control-plane";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: user.name } }],
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": caData } }],
    users: [{ name: user.name, user: { token: user.token } }],
  });
}
