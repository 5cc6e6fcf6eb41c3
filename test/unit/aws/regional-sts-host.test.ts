import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { regionalStsHost } from "../../../lib/aws/regional-sts-host.ts";

type Partitions = {
  readonly partitions: readonly {
    readonly id: string;
    readonly outputs: { readonly dnsSuffix: string };
    readonly regions: Readonly<Record<string, unknown>>;
  }[];
};

/** The SDK's own table; it does not export it, so it is read as text. */
function sdkPartitions(): Partitions {
  const root = dirname(createRequire(import.meta.url).resolve("@aws-sdk/core/package.json"));
  const text = readFileSync(
    join(root, "dist-es/submodules/client/util-endpoints/lib/aws/partitions.js"),
    "utf8",
  );
  return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as Partitions;
}

test("every region that the AWS SDK knows has its partition's domain", () => {
  const { partitions } = sdkPartitions();
  expect(partitions.map((it) => it.id).sort()).toEqual([
    "aws",
    "aws-cn",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-us-gov",
  ]);
  for (const { regions, outputs } of partitions)
    for (const region of Object.keys(regions).filter((it) => !it.endsWith("-global")))
      expect(regionalStsHost(region)).toBe(`sts.${region}.${outputs.dnsSuffix}`);
});

test("a commercial region that opens tomorrow is served", () => {
  expect(regionalStsHost("xx-north-9")).toBe("sts.xx-north-9.amazonaws.com");
});
