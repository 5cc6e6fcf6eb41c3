import { expect, test } from "@jest/globals";
import type { ClusterFacts } from "../../../lib/aws/cluster-facts.ts";
import { networkReader } from "../../../lib/aws/network-reader.ts";

const signal = new AbortController().signal;
const facts: ClusterFacts = {
  name: "prod",
  status: "ACTIVE",
  endpoint: "https://localhost:8443",
  certificateAuthority: "",
  publicAccess: true,
  privateAccess: false,
  publicAccessCidrs: [],
  vpcId: "vpc-1",
};

function reader(more: Partial<ClusterFacts> = {}, maySeeVpc = true) {
  const asked: string[] = [];
  const network = networkReader(
    { ...facts, ...more },
    { cidrs: (vpcId) => (asked.push(vpcId), Promise.resolve(maySeeVpc ? ["10.0.0.0/16"] : undefined)) },
  );
  return { network, asked };
}

test("without addresses nothing is asked", async () => {
  const { network, asked } = reader();
  expect(await network.read({ addresses: false }, signal)).toEqual({
    apiServerAccess: { private: false, public: true },
  });
  expect(asked).toEqual([]);
});

test("a public endpoint's name stands for the same everywhere, and is looked up", async () => {
  const { network, asked } = reader();
  const { apiServerAddresses, ...rest } = await network.read({ addresses: true }, signal);
  expect(rest).toEqual({ apiServerAccess: { private: false, public: true }, vpcCidrs: ["10.0.0.0/16"] });
  expect(apiServerAddresses?.some((it) => it === "127.0.0.1" || it === "::1")).toBe(true);
  expect(asked).toEqual(["vpc-1"]);
});

test("with private access it does not, and is not", async () => {
  const { network } = reader({ privateAccess: true });
  expect(await network.read({ addresses: true }, signal)).toEqual({
    apiServerAccess: { private: true, public: true },
    vpcCidrs: ["10.0.0.0/16"],
  });
});

test("what cannot be found out is left out", async () => {
  const { network } = reader({ endpoint: "https://no-such-name.invalid" }, false);
  expect(await network.read({ addresses: true }, signal)).toEqual({
    apiServerAccess: { private: false, public: true },
  });
});
