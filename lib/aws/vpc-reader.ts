/**
 * The address blocks of a VPC, as EC2 says.
 *
 * They change seldom and only by a person's hand, so they are kept for a while: a burst of events asks once.
 */
import { DeniedError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { classifyError } from "./classify-error.ts";
import { once, type AwsOptions } from "./client-options.ts";
import { ec2Calls } from "./clients/ec2.ts";

export type VpcReader = {
  /**
   * CIDR blocks of both families, sorted; undefined when the asker may not see the VPC.
   * @throws errors of `model/errors.ts`
   */
  cidrs(vpcId: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
};

const LIFE_MILLISECONDS = 15 * 60 * 1000;

export function vpcReader(options: AwsOptions, clock: Pick<Clock, "now">): VpcReader {
  const calls = once(async () => ec2Calls(options));
  const kept = new Map<string, { readonly cidrs: readonly string[] | undefined; readonly until: number }>();
  return {
    cidrs: async (vpcId, signal) => {
      const known = kept.get(vpcId);
      if (known !== undefined && known.until > clock.now()) return known.cidrs;
      const cidrs = await describe(vpcId, calls, signal);
      kept.set(vpcId, { cidrs, until: clock.now() + LIFE_MILLISECONDS });
      return cidrs;
    },
  };
}

async function describe(
  vpcId: string,
  calls: () => Promise<Pick<ReturnType<typeof ec2Calls>, "describeVpcs">>,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    const answer = await (await calls()).describeVpcs({ VpcIds: [vpcId] }, signal);
    const blocks = (answer.Vpcs ?? []).flatMap((vpc) => [
      vpc.CidrBlock,
      ...(vpc.CidrBlockAssociationSet ?? [])
        .filter((it) => isThere(it.CidrBlockState?.State))
        .map((it) => it.CidrBlock),
      ...(vpc.Ipv6CidrBlockAssociationSet ?? [])
        .filter((it) => isThere(it.Ipv6CidrBlockState?.State))
        .map((it) => it.Ipv6CidrBlock),
    ]);
    const cidrs = [...new Set(blocks.flatMap((it) => it ?? []))].sort();
    return cidrs.length === 0 ? undefined : cidrs;
  } catch (error) {
    const classified = classifyError(error, `DescribeVpcs ${vpcId}`);
    if (classified instanceof DeniedError) return undefined;
    throw classified;
  }
}

/** A block that is being added holds addresses soon; one that is being taken away still may. */
function isThere(state: string | undefined): boolean {
  return state !== "disassociated" && state !== "failed" && state !== "failing";
}
