/**
 * What would make a deployment fail after minutes, asked before it: credentials, account, cluster, its authentication mode and
 * endpoint, CDK's bootstrap stack, Auto Scaling groups.
 *
 * In: checked settings. Out: problems that stop a deployment, and notes about what could not be asked; each a sentence with its
 * fix. Must never happen: a write; or a deployment that is stopped because its role may not look at something.
 */
import { accountReader, type AccountReader } from "../../lib/aws/account-reader.ts";
import { awsAs } from "../../lib/aws/aws-as.ts";
import type { ClusterFacts } from "../../lib/aws/cluster-facts.ts";
import type { Settings } from "../../lib/config/settings.ts";
import { DeniedError, GatewayError, NotFoundError } from "../../lib/model/errors.ts";
import { systemClock } from "../../lib/ports/clock.ts";
import { describeEks } from "../shared/compose-eks.ts";

export type Deployable = Pick<Settings, "autoScalingGroups"> & {
  readonly cluster: NonNullable<Settings["cluster"]>;
};

export type Checked = { readonly problems: readonly string[]; readonly notes: readonly string[] };

/** Oldest version of the bootstrap stack that CDK's own synthesizer takes (aws-cdk-lib, DefaultStackSynthesizer). */
const OLDEST_BOOTSTRAP = 6;
const DEFAULT_QUALIFIER = "hnb659fds";
const PATIENCE_MILLISECONDS = 60_000;

/** @param what `account`: only whose credentials these are (before a bootstrap); `all`: everything */
export async function checkDeployment(
  settings: Deployable,
  {
    profile,
    name,
    what,
  }: { readonly profile: string | undefined; readonly name: string; readonly what: "account" | "all" },
): Promise<Checked> {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const { account: wanted, region } = settings.cluster;
  const identity = { region, ...(profile === undefined ? {} : { profile }) };
  const reader = accountReader(await awsAs(identity, "the settings"));
  const as = profile === undefined ? "these credentials are" : `profile ${profile} is`;
  try {
    const account = await reader.account(signal);
    if (account !== wanted)
      return problem(
        `The settings are for account ${wanted}, but ${as} of account ${account}: choose others with --profile NAME, or correct cluster.account.`,
      );
  } catch (error) {
    return problem(`There are no credentials that AWS accepts: ${sentence(error)}`);
  }
  if (what === "account") return { problems: [], notes: [] };
  const results = await Promise.all([
    asked("the cluster", clusterProblems(settings, identity, signal)),
    asked("CDK's bootstrap stack", bootstrapProblems(settings, name, reader, signal)),
    asked("the Auto Scaling groups", groupProblems(settings, reader, signal)),
  ]);
  return { problems: results.flatMap((it) => it.problems), notes: results.flatMap((it) => it.notes) };
}

async function clusterProblems(
  { cluster }: Deployable,
  identity: { readonly region: string; readonly profile?: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { name, region } = cluster;
  try {
    const facts = await describeEks({ ...identity, cluster: name }, systemClock, signal);
    return [...accessProblems(facts, region), ...networkProblems(facts, cluster.vpc)];
  } catch (error) {
    if (error instanceof NotFoundError) return [sentence(error)];
    throw error;
  }
}

/** Access entries are the function's way in. */
function accessProblems({ name, authenticationMode }: ClusterFacts, region: string): readonly string[] {
  return authenticationMode === "CONFIG_MAP"
    ? [
        `The authentication mode of cluster ${name} is CONFIG_MAP, which knows no access entries. There is no way back: ` +
          `aws eks update-cluster-config --name ${name} --region ${region} --access-config authenticationMode=API_AND_CONFIG_MAP`,
      ]
    : [];
}

function networkProblems(facts: ClusterFacts, vpc: Deployable["cluster"]["vpc"]): readonly string[] {
  const isOpen = facts.publicAccess && facts.publicAccessCidrs.some((it) => /\/0$/.test(it));
  if (vpc === undefined)
    return isOpen
      ? []
      : [
          `The API server of cluster ${facts.name} is not public for everybody, so the functions must run in its VPC: set cluster.vpc ` +
            `(hepctl init writes it; infra/RUNBOOK.md, "Private endpoint").`,
        ];
  return facts.vpcId === undefined || facts.vpcId === vpc.id
    ? []
    : [`cluster.vpc.id is ${vpc.id}, but cluster ${facts.name} is in ${facts.vpcId}.`];
}

async function bootstrapProblems(
  { cluster: { account, region } }: Deployable,
  name: string,
  reader: AccountReader,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const version = await reader.bootstrapVersion(DEFAULT_QUALIFIER, signal);
  if (version !== undefined && version >= OLDEST_BOOTSTRAP) return [];
  const state =
    version === undefined ? "is not there" : `has version ${version}, and ${OLDEST_BOOTSTRAP} is needed`;
  return [`CDK's bootstrap stack of account ${account} in ${region} ${state}: npm run bootstrap -- ${name}`];
}

async function groupProblems(
  { autoScalingGroups, cluster: { region } }: Deployable,
  reader: AccountReader,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const missing = await reader.missingGroups(autoScalingGroups, signal);
  return missing.map(
    (it) =>
      `autoScalingGroups: there is no Auto Scaling group "${it}" in ${region}; a hook cannot be put on it.`,
  );
}

/** What this role may not see is for the deployment itself to find out. */
async function asked(what: string, problems: Promise<readonly string[]>): Promise<Checked> {
  try {
    return { problems: await problems, notes: [] };
  } catch (error) {
    if (error instanceof DeniedError)
      return { problems: [], notes: [`${what} could not be checked: ${sentence(error)}`] };
    return problem(sentence(error));
  }
}

function problem(text: string): Checked {
  return { problems: [text], notes: [] };
}

function sentence(error: unknown): string {
  if (!(error instanceof GatewayError)) throw error;
  return /[.)]$/.test(error.message) ? error.message : `${error.message}.`;
}
