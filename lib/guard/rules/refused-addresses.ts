import { nothingAgainst, type Rule } from "../rule.ts";

/** So many addresses are named in a finding. */
const MOST_NAMED = 3;

/** Says which nodes list what is no node's, or not theirs: no endpoint gets it, and they go on with the others. */
export const refusedAddressesRule: Rule = ({ snapshot }) => ({
  judge: nothingAgainst,
  findings: snapshot.nodes.flatMap(({ name, refused = [] }) => {
    if (refused.length === 0) return [];
    const named = refused.slice(0, MOST_NAMED).map((it) => `${it.type} ${it.address} (${it.because})`);
    const rest = refused.length - named.length;
    const isPublic = refused.every((it) => it.because.endsWith("EC2"));
    return [
      {
        severity: "warning",
        code: "address-refused",
        object: `Node/${name}`,
        message: `it lists ${named.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}: no endpoint gets it for this node`,
        fix: isPublic
          ? "a public address counts when EC2 says that the instance has it: ask by --cluster, or let the function run; unknown to EC2: see who writes the status of this Node"
          : "see who writes the status of this Node (its kubelet or cloud controller); a node that serves the API itself bears the label node-role.kubernetes.io/control-plane",
      },
    ];
  }),
});
