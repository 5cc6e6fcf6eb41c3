/**
 * EC2 instances by id.
 *
 * In: ids, in any number. Out: what EC2 knows of them, sorted by id; an id that it does not know is not in the answer.
 * Must never happen: one unknown id that loses all others (EC2 refuses the whole call for it).
 */
import { ascending } from "../model/ascending.ts";
import type { Instance as Ec2Instance } from "@aws-sdk/client-ec2";
import type { Instance } from "../model/instance.ts";
import type { InstanceReader } from "../ports/aws.ts";
import { awsErrorName, classifyError } from "./classify-error.ts";
import { once, type AwsOptions } from "./client-options.ts";
import { ec2Calls } from "./clients/ec2.ts";
import { projectInstance } from "./project-instance.ts";

/** EC2's limit on ids in one call; a call by ids has no pages. */
const IDS_PER_CALL = 1000;

/** EC2's limit on the values of one filter. */
const VALUES_PER_FILTER = 200;

export function instanceReader(options: AwsOptions): InstanceReader {
  const calls = once(async () => ec2Calls(options));

  async function byIds(ids: readonly string[], signal: AbortSignal): Promise<readonly Ec2Instance[]> {
    if (ids.length === 0) return [];
    const ec2 = await calls();
    try {
      const answer = await ec2.describeInstances({ InstanceIds: [...ids] }, signal);
      return (answer.Reservations ?? []).flatMap((it) => it.Instances ?? []);
    } catch (error) {
      if (!awsErrorName(error).startsWith("InvalidInstanceID")) throw error;
      const known = withoutNamed(ids, error);
      return known.length < ids.length ? byIds(known, signal) : byFilter(ids, signal);
    }
  }

  /** Slower, in pages, and never refused: for the case that EC2 does not name the ids that it does not know. */
  async function byFilter(ids: readonly string[], signal: AbortSignal): Promise<readonly Ec2Instance[]> {
    const ec2 = await calls();
    const found: Ec2Instance[] = [];
    for (const Values of slices(ids, VALUES_PER_FILTER)) {
      let NextToken: string | undefined;
      do {
        const answer = await ec2.describeInstances(
          {
            Filters: [{ Name: "instance-id", Values: [...Values] }],
            ...(NextToken === undefined ? {} : { NextToken }),
          },
          signal,
        );
        found.push(...(answer.Reservations ?? []).flatMap((it) => it.Instances ?? []));
        NextToken = answer.NextToken;
      } while (NextToken !== undefined && NextToken !== "");
    }
    return found;
  }

  return {
    describeInstances: async (instanceIds, signal) => {
      const ids = [...new Set(instanceIds)].sort();
      try {
        const instances: Instance[] = [];
        for (const slice of slices(ids, IDS_PER_CALL))
          instances.push(...(await byIds(slice, signal)).flatMap((it) => projectInstance(it) ?? []));
        return instances.sort(ascending((it) => it.instanceId));
      } catch (error) {
        throw classifyError(error, `DescribeInstances of ${ids.length} instance(s)`);
      }
    },
  };
}

/** EC2 says `The instance IDs 'i-1, i-2' do not exist` or `Invalid id: "i-x"`. */
function withoutNamed(ids: readonly string[], error: unknown): readonly string[] {
  const named = new Set((error instanceof Error ? error.message : "").match(/i-[0-9a-zA-Z]+/g) ?? []);
  return ids.filter((it) => !named.has(it));
}

function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
