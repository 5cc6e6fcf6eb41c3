import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import { parseSettings } from "../../../lib/config/settings.ts";
import { startingSettings, type KnownOfCluster } from "../../../lib/init/starting-settings.ts";
import { lawRuns } from "../law-runs.ts";

const open = { publicAccess: true, privateAccess: true, publicAccessCidrs: ["0.0.0.0/0"] };
const closed = {
  publicAccess: false,
  privateAccess: true,
  publicAccessCidrs: [],
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0"],
  clusterSecurityGroup: "sg-0123456789abcdef0",
};
const known = { name: "prod", region: "eu-west-1", account: "011122223333" };

function settingsOf(text: string): unknown {
  const parsed = parseSettings(parse(text), () => undefined);
  return parsed.ok ? parsed.settings.cluster : parsed.problems;
}

describe("the first settings file", () => {
  test("holds name, region and account, and nothing that deploys hooks", () => {
    const groups = [
      { name: "prod-workers", managed: false },
      { name: "eks-workers-1", managed: true },
    ];
    const { text, fillIn, notes } = startingSettings({ ...known, network: open, groups }, "s.json");
    expect({ fillIn, notes, cluster: settingsOf(text) }).toEqual({ fillIn: [], notes: [], cluster: known });
    expect(parse(text)).toEqual({ cluster: known });
    expect(text).toMatch(/^# {3}- prod-workers$/m);
    expect(text).toMatch(/^# lifecycle: \{ managedNodeGroups: true \}$/m);
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=s.json");
  });

  test.each([
    ["private", closed],
    [
      "private, and public for an office",
      { ...closed, publicAccess: true, publicAccessCidrs: ["192.0.2.0/24"] },
    ],
  ])("%s: the functions go into the VPC", (_what, network) => {
    const { text, fillIn } = startingSettings({ ...known, network }, undefined);
    expect(fillIn).toEqual([]);
    expect(settingsOf(text)).toEqual({
      ...known,
      vpc: {
        id: "vpc-0123456789abcdef0",
        subnets: ["subnet-0123456789abcdef0"],
        securityGroups: ["sg-0123456789abcdef0"],
      },
    });
  });

  test("public for an office alone is told: no function gets there", () => {
    const network = { publicAccess: true, privateAccess: false, publicAccessCidrs: ["192.0.2.0/24"] };
    expect(startingSettings({ ...known, network }, undefined).notes).toEqual([
      expect.stringMatching(/192\.0\.2\.0\/24 only and not private/),
    ]);
  });

  test("what is not known is empty, named, and refused by the schema until it is filled in", () => {
    const { text, fillIn } = startingSettings({ name: "prod" }, undefined);
    expect(fillIn).toEqual(["cluster.region", "cluster.account"]);
    expect(settingsOf(text)).toEqual([
      expect.stringMatching(/^cluster\.region: /),
      expect.stringMatching(/^cluster\.account: /),
    ]);
  });

  test("an authentication mode without access entries is told, with the command", () => {
    const { notes } = startingSettings({ ...known, authenticationMode: "CONFIG_MAP" }, undefined);
    expect(notes).toEqual([expect.stringContaining("authenticationMode=API_AND_CONFIG_MAP")]);
  });

  test("law: whatever a cluster and its groups are called, the file says exactly what is known", () => {
    const name = fc.stringMatching(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/);
    const groups = fc.array(fc.record({ name: fc.stringMatching(/^[ -~]{1,255}$/), managed: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(name, groups, fc.constantFrom(open, closed), (called, some, network) => {
        const facts: KnownOfCluster = { ...known, name: called, groups: some, network };
        const { text, fillIn } = startingSettings(facts, "settings.schema.json");
        expect(fillIn).toEqual([]);
        expect(settingsOf(text)).toMatchObject({ ...known, name: called });
        expect(Object.keys(parse(text) as object)).toEqual(["cluster"]);
      }),
      { numRuns: lawRuns(300) },
    );
  });
});
