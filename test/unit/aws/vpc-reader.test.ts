import { expect, test } from "@jest/globals";
import { vpcReader } from "../../../lib/aws/vpc-reader.ts";
import { standInFor, type StandInAnswer } from "./aws-stand-in.ts";

const signal = new AbortController().signal;
const reader = (now = () => 0) => vpcReader({ region: "eu-west-1" }, { now });

function block(set: string, cidr: string, state: string): string {
  const [field, stateField] =
    set === "cidrBlockAssociationSet"
      ? ["cidrBlock", "cidrBlockState"]
      : ["ipv6CidrBlock", "ipv6CidrBlockState"];
  return `<item><${field}>${cidr}</${field}><${stateField}><state>${state}</state></${stateField}></item>`;
}

function vpc(four: readonly (readonly [string, string])[], six: readonly (readonly [string, string])[] = []) {
  const setOf = (name: string, blocks: readonly (readonly [string, string])[]) =>
    `<${name}>${blocks.map(([cidr, state]) => block(name, cidr, state)).join("")}</${name}>`;
  const body =
    `<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet><item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock>` +
    `${setOf("cidrBlockAssociationSet", four)}${setOf("ipv6CidrBlockAssociationSet", six)}</item></vpcSet></DescribeVpcsResponse>`;
  return { status: 200, body, type: "text/xml" } satisfies StandInAnswer;
}

function refusal(status: number, code: string): StandInAnswer {
  const body = `<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>`;
  return { status, body, type: "text/xml" };
}

test("all blocks of both families, also those that come and go just now", async () => {
  await using ec2 = await standInFor("EC2", () =>
    vpc(
      [
        ["10.0.0.0/16", "associated"],
        ["100.64.0.0/16", "associating"],
        ["10.9.0.0/16", "disassociating"],
        ["10.8.0.0/16", "disassociated"],
        ["10.7.0.0/16", "failed"],
      ],
      [["2600:1f18:1::/56", "associated"]],
    ),
  );
  expect(await reader().cidrs("vpc-1", signal)).toEqual([
    "10.0.0.0/16",
    "10.9.0.0/16",
    "100.64.0.0/16",
    "2600:1f18:1::/56",
  ]);
  expect(new URLSearchParams(ec2.requests[0]?.body).get("VpcId.1")).toBe("vpc-1");
});

test("is asked once in a quarter of an hour", async () => {
  await using ec2 = await standInFor("EC2", () => vpc([]));
  let now = 0;
  const vpcs = reader(() => now);
  for (const minutes of [0, 1, 14]) {
    now = minutes * 60_000;
    await vpcs.cidrs("vpc-1", signal);
  }
  expect(ec2.requests).toHaveLength(1);
  now = 15 * 60_000;
  await vpcs.cidrs("vpc-1", signal);
  expect(ec2.requests).toHaveLength(2);
});

test("whoever may not look knows nothing; any other failure is one", async () => {
  const answers = [refusal(403, "UnauthorizedOperation"), refusal(400, "InvalidVpcID.NotFound")];
  await using _ = await standInFor("EC2", () => answers.shift() ?? refusal(500, "x"));
  expect(await reader().cidrs("vpc-1", signal)).toBeUndefined();
  await expect(reader().cidrs("vpc-2", signal)).rejects.toThrow(/DescribeVpcs vpc-2/);
});
