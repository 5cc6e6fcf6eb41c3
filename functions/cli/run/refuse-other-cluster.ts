/**
 * Settings of one cluster must not be used on another: its endpoints would get the wrong templates, and what is not wanted there
 * would be removed.
 *
 * In: the settings, and what was reached. Out: nothing, or a refusal. By name where the cluster was reached by name; else by the
 * API server's address, which is compared with what EKS says of the settings' cluster.
 */
import type { Settings } from "../../../lib/config/settings.ts";
import { GatewayError, UsageError } from "../../../lib/model/errors.ts";
import { describeCluster, type ReachedCluster } from "../../shared/compose-cli.ts";
import { nameOfCluster } from "../output/name-of-cluster.ts";

/** A command that reads may go on where nobody can tell; one that writes may not, if it could be another EKS cluster. */
export type Use = "reads" | "writes";

export type OtherClusterRequest = {
  readonly settings: Pick<Settings, "cluster">;
  readonly reached: ReachedCluster;
  readonly use: Use;
  readonly profile: string | undefined;
};

/** EKS is asked this long, in milliseconds: a person waits. */
const PATIENCE_MILLISECONDS = 5_000;

/** @throws UsageError that names both clusters. */
export async function refuseOtherCluster(
  { settings, reached, use, profile }: OtherClusterRequest,
  note: (text: string) => void,
  deadline: AbortSignal,
): Promise<void> {
  const { cluster } = settings;
  if (cluster === undefined) return;
  const wanted = `EKS cluster ${cluster.name} in ${cluster.region} of account ${cluster.account}`;
  const refuse = (why: string) => {
    throw new UsageError(
      `--config is for ${wanted}, but ${nameOfCluster(reached)} ${why}; name the right one, or add --force`,
    );
  };
  const { eks, server } = reached;
  if (eks !== undefined) {
    const isOther =
      eks.name !== cluster.name ||
      eks.region !== cluster.region ||
      (eks.account !== undefined && eks.account !== cluster.account);
    return isOther ? refuse("was reached") : undefined;
  }
  const regionOfServer = eksRegion(server);
  if (regionOfServer !== undefined && regionOfServer !== cluster.region)
    return refuse(`was reached, which is in ${regionOfServer}`);
  const known = await factsOf(cluster, profile, deadline);
  if (typeof known !== "string") {
    const isServer = new URL(known.endpoint).host === new URL(server).host;
    const isAccount = known.account === undefined || known.account === cluster.account;
    if (isServer && isAccount) return;
    if (isServer) return refuse(`was reached, which is of account ${known.account ?? ""}`);
    if (isAccount)
      return refuse(`was reached, and EKS says that the server of ${cluster.name} is ${known.endpoint}`);
  }
  const why = typeof known === "string" ? known : `AWS answers for account ${known.account ?? ""}`;
  const doubt = `cannot tell whether ${nameOfCluster(reached)} is ${wanted}: ${why}`;
  if (use === "writes" && regionOfServer !== undefined)
    throw new UsageError(`${doubt}; make AWS answer, or add --force`);
  note(doubt);
}

/** What EKS says of the settings' cluster, or why it says nothing. */
async function factsOf(
  { name, region }: NonNullable<Settings["cluster"]>,
  profile: string | undefined,
  deadline: AbortSignal,
) {
  const request = { cluster: name, region, ...(profile === undefined ? {} : { profile }) };
  const patience = AbortSignal.any([deadline, AbortSignal.timeout(PATIENCE_MILLISECONDS)]);
  try {
    return await describeCluster(request, patience);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return error.message;
  }
}

/** The region in the host of an API server of EKS (`ID.gr7.eu-west-1.eks.amazonaws.com`); undefined: another host. */
function eksRegion(server: string): string | undefined {
  return /\.([a-z]{2,4}(?:-[a-z0-9]+)+-\d)\.(?:eks\.amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(
    new URL(server).hostname,
  )?.[1];
}
