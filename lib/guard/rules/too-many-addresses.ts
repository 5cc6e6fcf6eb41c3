import { MOST_PROVEN } from "../proof/node-addresses.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/** The proof is made for every address that a node lists; of a node that lists more than any has, nothing is proven. */
export const tooManyAddressesRule: Rule = ({ snapshot }) => {
  const listed = new Map(
    snapshot.nodes
      .filter((it) => it.addresses.length > MOST_PROVEN)
      .map((it) => [it.name, it.addresses.length]),
  );
  if (listed.size === 0) return { judge: nothingAgainst, findings: [] };
  return {
    judge: (action) => {
      const count = listed.get(action.node);
      if (action.kind === "delete" || count === undefined) return undefined;
      return {
        reason: "too-many-addresses",
        detail: `Node/${action.node} lists ${count} addresses, of which ${MOST_PROVEN} at most are proven`,
        fix: "see who writes the status of this Node (its kubelet or cloud controller), and correct it",
      };
    },
    findings: [],
  };
};
