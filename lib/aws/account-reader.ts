/**
 * What an account has, as far as a deployment asks: who we are, the clusters, Auto Scaling groups, CDK's bootstrap stack.
 *
 * In: credentials and a region. Out: plain values. @throws errors of `model/errors.ts`, with AWS's own sentence.
 * Must never happen: a write.
 */
import { NotFoundError } from "../model/errors.ts";
import { classifyError } from "./classify-error.ts";
import type { AwsOptions } from "./client-options.ts";
import { accountCalls, type GroupQuery } from "./clients/account.ts";

export type TaggedGroup = {
  readonly name: string;
  /** EKS made it for a managed node group. */
  readonly managed: boolean;
};

export type AccountReader = {
  readonly region: string;
  /** 12 digits. */
  account(signal: AbortSignal): Promise<string>;
  /** Names of the EKS clusters of this region, sorted. */
  clusters(signal: AbortSignal): Promise<readonly string[]>;
  /** The Auto Scaling groups whose tags say that they belong to this cluster, sorted by name. */
  groupsOf(cluster: string, signal: AbortSignal): Promise<readonly TaggedGroup[]>;
  /** Those of the names that no Auto Scaling group of this region has. */
  missingGroups(names: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** Version of CDK's bootstrap stack; undefined: there is none. */
  bootstrapVersion(qualifier: string, signal: AbortSignal): Promise<number | undefined>;
};

/** Pages of a list; an account with more is told about the first ones only. */
const MOST_PAGES = 20;

export function accountReader(aws: AwsOptions): AccountReader {
  const calls = accountCalls(aws);
  const ask = async <T>(operation: string, call: Promise<T>): Promise<T> =>
    call.catch((error: unknown) => {
      throw classifyError(error, operation);
    });
  const groups = (query: GroupQuery, signal: AbortSignal) =>
    pages(async (nextToken) => {
      const answer = await ask(
        "DescribeAutoScalingGroups",
        calls.describeGroups({ ...query, ...(nextToken === undefined ? {} : { nextToken }) }, signal),
      );
      return { items: answer.AutoScalingGroups ?? [], nextToken: answer.NextToken };
    });
  return {
    region: aws.region,
    account: async (signal) => (await ask("GetCallerIdentity", calls.callerIdentity(signal))).Account ?? "",
    clusters: async (signal) => {
      const names = await pages(async (nextToken) => {
        const answer = await ask("ListClusters", calls.listClusters(nextToken, signal));
        return { items: answer.clusters ?? [], nextToken: answer.nextToken };
      });
      return names.toSorted();
    },
    groupsOf: async (cluster, signal) => {
      const filters = [{ Name: "tag-key", Values: [`kubernetes.io/cluster/${cluster}`, "eks:cluster-name"] }];
      const found = await groups({ filters }, signal);
      return found
        .flatMap(({ AutoScalingGroupName: name, Tags = [] }): TaggedGroup[] => {
          const tag = (key: string) => Tags.find((it) => it.Key === key)?.Value;
          const owner = tag("eks:cluster-name");
          const managed = owner === cluster;
          const ours =
            managed || (owner === undefined && tag(`kubernetes.io/cluster/${cluster}`) !== undefined);
          return name === undefined || !ours ? [] : [{ name, managed }];
        })
        .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    },
    missingGroups: async (names, signal) => {
      if (names.length === 0) return [];
      const found = await groups({ names }, signal);
      return names.filter((it) => !found.some((group) => group.AutoScalingGroupName === it));
    },
    bootstrapVersion: async (qualifier, signal) => {
      const name = `/cdk-bootstrap/${qualifier}/version`;
      try {
        const { Parameter } = await ask(`GetParameter ${name}`, calls.getParameter(name, signal));
        return Number(Parameter?.Value);
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },
  };
}

async function pages<T>(
  read: (
    nextToken: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly nextToken: string | undefined }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await read(nextToken);
    all.push(...answer.items);
    nextToken = answer.nextToken;
    if (nextToken === undefined || nextToken === "") break;
  }
  return all;
}
