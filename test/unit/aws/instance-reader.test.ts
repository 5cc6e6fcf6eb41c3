import { expect, test } from "@jest/globals";
import { instanceReader } from "../../../lib/aws/instance-reader.ts";
import { projectInstance } from "../../../lib/aws/project-instance.ts";
import { DeniedError } from "../../../lib/model/errors.ts";
import { standInFor, type StandInAnswer } from "./aws-stand-in.ts";

const signal = new AbortController().signal;

function reservations(ids: readonly string[], nextToken = ""): StandInAnswer {
  const items = ids.map(
    (id) =>
      `<item><instancesSet><item><instanceId>${id}</instanceId><instanceState><code>16</code><name>running</name></instanceState>` +
      `<privateDnsName>ip-10-0-0-1.eu-west-1.compute.internal</privateDnsName><placement><availabilityZone>eu-west-1a</availabilityZone></placement>` +
      `<tagSet><item><key>kubernetes.io/cluster/prod</key><value>owned</value></item></tagSet></item></instancesSet></item>`,
  );
  const more = nextToken === "" ? "" : `<nextToken>${nextToken}</nextToken>`;
  const body = `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet>${items.join("")}</reservationSet>${more}</DescribeInstancesResponse>`;
  return { status: 200, body, type: "text/xml" };
}

function refusal(status: number, code: string, message: string): StandInAnswer {
  const body = `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`;
  return { status, body, type: "text/xml" };
}

function idsAsked(body: string): readonly string[] {
  return [...new URLSearchParams(body)]
    .filter(([key]) => /^(InstanceId|Filter\.1\.Value)\.\d+$/.test(key))
    .map(([, value]) => value);
}

test("up to 1,000 ids are one call, each id once", async () => {
  await using ec2 = await standInFor("EC2", ({ body }) => reservations(idsAsked(body)));
  const ids = Array.from({ length: 1000 }, (_, index) => `i-${index.toString(16).padStart(8, "0")}`);
  const found = await instanceReader({ region: "eu-west-1" }).describeInstances(
    [...ids, ...ids].reverse(),
    signal,
  );
  expect(found.map((it) => it.instanceId)).toEqual(ids);
  expect(ec2.requests).toHaveLength(1);
});

test("ids that EC2 does not know lose only themselves", async () => {
  await using ec2 = await standInFor("EC2", ({ body }) => {
    const ids = idsAsked(body);
    if (ids.includes("i-0bad")) return refusal(400, "InvalidInstanceID.Malformed", 'Invalid id: "i-0bad"');
    const gone = ids.filter((it) => it.startsWith("i-0dead"));
    if (gone.length > 0)
      return refusal(400, "InvalidInstanceID.NotFound", `The instance IDs '${gone.join(", ")}' do not exist`);
    return reservations(ids);
  });
  const asked = ["i-0a", "i-0bad", "i-0dead1", "i-0b", "i-0dead2"];
  const found = await instanceReader({ region: "eu-west-1" }).describeInstances(asked, signal);
  expect(found.map((it) => it.instanceId)).toEqual(["i-0a", "i-0b"]);
  expect(ec2.requests).toHaveLength(3);
});

test("a refusal that names nobody falls back to a filter, page by page", async () => {
  await using ec2 = await standInFor("EC2", ({ body }) => {
    if (!body.includes("Filter"))
      return refusal(400, "InvalidInstanceID.NotFound", "Some instances do not exist");
    return body.includes("NextToken") ? reservations(["i-0b"]) : reservations(["i-0a"], "more");
  });
  const found = await instanceReader({ region: "eu-west-1" }).describeInstances(
    ["i-0a", "i-0b", "i-0c"],
    signal,
  );
  expect(found.map((it) => it.instanceId)).toEqual(["i-0a", "i-0b"]);
  expect(ec2.requests).toHaveLength(3);
});

test("nothing asked, no call", async () => {
  await using ec2 = await standInFor("EC2", () => reservations([]));
  expect(await instanceReader({ region: "eu-west-1" }).describeInstances([], signal)).toEqual([]);
  expect(ec2.requests).toHaveLength(0);
});

test("a refusal is an error of ours that names the operation", async () => {
  await using ec2 = await standInFor("EC2", () =>
    refusal(403, "UnauthorizedOperation", "You are not authorized"),
  );
  const error = await instanceReader({ region: "eu-west-1" })
    .describeInstances(["i-0a"], signal)
    .catch((it: unknown) => it);
  expect(error).toBeInstanceOf(DeniedError);
  expect(error).toMatchObject({ status: 403, message: expect.stringContaining("DescribeInstances") });
  expect(ec2.requests).toHaveLength(1);
});

test("an instance is projected by its primary network interface and its tags", () => {
  expect(
    projectInstance({
      InstanceId: "i-0a",
      State: { Name: "running" },
      PrivateDnsName: "ip-10-0-0-9.eu-west-1.compute.internal",
      Placement: { AvailabilityZone: "eu-west-1a" },
      PrivateIpAddress: "10.0.0.9",
      NetworkInterfaces: [
        { Attachment: { DeviceIndex: 1 }, PrivateIpAddress: "10.1.0.1" },
        {
          Attachment: { DeviceIndex: 0 },
          PrivateIpAddress: "10.0.0.9",
          Ipv6Addresses: [{ Ipv6Address: "2a05::9" }],
          Association: { PublicIp: "3.4.5.6" },
        },
      ],
      Tags: [
        { Key: "aws:autoscaling:groupName", Value: "workers" },
        { Key: "kubernetes.io/cluster/prod", Value: "owned" },
        { Key: "eks:cluster-name", Value: "prod" },
        { Key: "Name", Value: "worker" },
      ],
    }),
  ).toEqual({
    instanceId: "i-0a",
    state: "running",
    privateDnsName: "ip-10-0-0-9.eu-west-1.compute.internal",
    availabilityZone: "eu-west-1a",
    privateIPv4: "10.0.0.9",
    ipv6: "2a05::9",
    publicIPv4: "3.4.5.6",
    addresses: ["10.0.0.9", "10.1.0.1", "2a05::9"],
    autoScalingGroup: "workers",
    clusters: ["prod"],
  });
  expect(projectInstance({ InstanceId: "i-0a", State: { Name: "terminated" }, PrivateDnsName: "" })).toEqual({
    instanceId: "i-0a",
    state: "terminated",
    privateDnsName: "",
    availabilityZone: "",
    clusters: [],
  });
  expect(projectInstance({ InstanceId: "i-0a" })).toBeUndefined();
});
