import { nothingAgainst, type Rule } from "../rule.ts";

/** So many addresses are named in a finding. */
const MOST_NAMED = 3;

/** Says which nodes list what is another's: they get nothing of it, and go on with the addresses that are their own. */
export const contestedAddressesRule: Rule = ({ snapshot }) => ({
  judge: nothingAgainst,
  findings: snapshot.nodes.flatMap(({ name, contested = [] }) => {
    if (contested.length === 0) return [];
    const named = contested.slice(0, MOST_NAMED).map((it) => `${it.address} of Node/${it.owner}`);
    const rest = contested.length - named.length;
    return [
      {
        severity: "warning",
        code: "address-of-another-node",
        object: `Node/${name}`,
        message: `it lists ${named.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}, which is not its own; no endpoint gets it for this node`,
        fix: "see who writes the status of this Node (its kubelet or cloud controller); a Node whose machine is gone: delete it",
      },
    ];
  }),
});
