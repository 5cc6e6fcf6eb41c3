/**
 * The host of a region's STS endpoint, in every partition.
 *
 * Source: `endpoints.json` of the AWS SDKs, as `@aws-sdk/core` 3.1169 carries it (`partitions.js`: regionRegex,
 * dnsSuffix), and the hosts that aws-iam-authenticator accepts (`pkg/endpoints/partitions.go`). A unit test holds this
 * table against the SDK's.
 */
const PARTITIONS: readonly { readonly name: string; readonly regions: RegExp; readonly domain: string }[] = [
  { name: "aws-us-gov", regions: /^us-gov-\w+-\d+$/, domain: "amazonaws.com" },
  { name: "aws-cn", regions: /^cn-\w+-\d+$/, domain: "amazonaws.com.cn" },
  { name: "aws-iso", regions: /^us-iso-\w+-\d+$/, domain: "c2s.ic.gov" },
  { name: "aws-iso-b", regions: /^us-isob-\w+-\d+$/, domain: "sc2s.sgov.gov" },
  { name: "aws-iso-e", regions: /^eu-isoe-\w+-\d+$/, domain: "cloud.adc-e.uk" },
  { name: "aws-iso-f", regions: /^us-isof-\w+-\d+$/, domain: "csp.hci.ic.gov" },
  { name: "aws-eusc", regions: /^eusc-(de)-\w+-\d+$/, domain: "amazonaws.eu" },
];

/** Regions that are in no other partition are commercial ones, also those that opened after this table was made. */
const COMMERCIAL_DOMAIN = "amazonaws.com";

/** Never the global host: a cluster outside the commercial partition refuses it, and it is one region's single point. */
export function regionalStsHost(region: string): string {
  return `sts.${region}.${partitionDomain(region)}`;
}

/** The domain of AWS's endpoints in a region's partition. */
export function partitionDomain(region: string): string {
  return PARTITIONS.find((it) => it.regions.test(region))?.domain ?? COMMERCIAL_DOMAIN;
}
