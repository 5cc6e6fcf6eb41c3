import { versioned } from "../../shared/versioned.ts";
import type { CommandDefinition } from "../arguments/command.ts";
import type { ServiceAccountName } from "../../../lib/names/cluster-role.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import { EXIT } from "../exit-codes.ts";

const accountName = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)\/([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$/;

/** @throws UsageError for what can be no ServiceAccount. */
function readServiceAccount(text: string): ServiceAccountName {
  const [, namespace, , name] = accountName.exec(text) ?? [];
  if (namespace === undefined || name === undefined)
    throw new UsageError(
      `--service-account "${text}" is no namespace and name; write it like hostendpoint-reconciler/hepctl`,
    );
  return { namespace, name };
}

export const rbacCommand: CommandDefinition = {
  name: "rbac",
  summary: "print the ClusterRole and binding that the reconciler needs",
  description:
    "Prints the RBAC objects as YAML, each rule with its reason. The group is the one that the stack's access entry names.\n" +
    "Asks no cluster.",
  options: [
    {
      flags: "--with <part>",
      description: "also what an opt-in part needs; may be given more than once",
      repeatable: true,
      choices: ["probe"],
    },
    {
      flags: "--service-account <namespace/name>",
      description:
        "bind to this ServiceAccount instead: for hepctl that runs in the cluster (deploy/kubernetes)",
    },
  ],
  examples: [
    { command: "hepctl rbac | kubectl apply -f -", does: "Grant what it needs" },
    { command: "hepctl rbac --with probe", does: "With the canary's kubelet probe (canary.probe)" },
  ],
  run: async (invocation, { terminal }) => {
    const { rbacObjects, rbacYaml } = await import("../../../lib/names/cluster-role.ts");
    const account = invocation.text("service-account");
    const options = {
      probe: invocation.list("with").includes("probe"),
      ...(account === undefined ? {} : { serviceAccount: readServiceAccount(account) }),
    };
    if (invocation.global.output === "json")
      terminal.out.write(
        `${JSON.stringify(versioned({ apiVersion: "v1", kind: "List", items: rbacObjects(options) }), null, 2)}\n`,
      );
    else terminal.out.write(rbacYaml(options));
    return EXIT.ok;
  },
};
