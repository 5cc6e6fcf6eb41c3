import type { Finding } from "../../model/finding.ts";
import { ownAddresses } from "../../address/own-addresses.ts";
import { formatAddress } from "../../address/parse-address.ts";
import type { Node } from "../../model/node.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/** So many nodes are told of one by one. */
const MOST_TOLD = 20;

/** Without EC2's word one of several addresses had to be chosen: says which, and why. */
export const unconfirmedAddressesRule: Rule = ({ snapshot }) => {
  const open = snapshot.nodes.filter((it) => it.unconfirmed === true);
  const rest = open.length - MOST_TOLD;
  const finding = (object: string, message: string): Finding => ({
    severity: "info",
    code: "address-unconfirmed",
    object,
    message,
    fix: "ask by --cluster (EC2 tells which address is the primary one), or start its kubelet with --node-ip",
  });
  return {
    judge: nothingAgainst,
    findings: [
      ...open.slice(0, MOST_TOLD).map((it) => finding(`Node/${it.name}`, chosen(it))),
      ...(rest > 0 ? [finding("Cluster/nodes", `the same is open for ${rest} more nodes`)] : []),
    ],
  };
};

function chosen(node: Node): string {
  const listed = node.addresses.filter((it) => it.type === "InternalIP").map((it) => it.address);
  const taken = ownAddresses(node, "InternalIP").map(
    (it) => `${formatAddress(it.address)} was taken because ${it.because}`,
  );
  return `it lists ${listed.join(", ")}, and EC2 could not be asked which is its own: ${taken.join("; ")}`;
}
