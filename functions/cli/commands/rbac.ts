import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";

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
  ],
  examples: [
    { command: "hepctl rbac | kubectl apply -f -", does: "Grant what it needs" },
    { command: "hepctl rbac --with probe", does: "With the canary's kubelet probe (canary.probe)" },
  ],
  run: async (invocation, { terminal }) => {
    const { rbacObjects, rbacYaml } = await import("../../../lib/names/cluster-role.ts");
    const options = { probe: invocation.list("with").includes("probe") };
    if (invocation.global.output === "json")
      terminal.out.write(
        `${JSON.stringify({ apiVersion: "v1", kind: "List", items: rbacObjects(options) }, null, 2)}\n`,
      );
    else terminal.out.write(rbacYaml(options));
    return EXIT.ok;
  },
};
