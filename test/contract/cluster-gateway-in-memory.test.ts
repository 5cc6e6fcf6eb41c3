import { describe } from "@jest/globals";
import { CALICO_V1, CALICO_V3 } from "../../lib/model/calico-group.ts";
import { createInMemoryCluster } from "../fakes/in-memory-cluster.ts";
import { describeClusterGateway } from "./cluster-gateway.suite.ts";

describe("the cluster in memory", () => {
  describeClusterGateway(() => {
    const cluster = createInMemoryCluster({ calicoGroups: [CALICO_V1, CALICO_V3] });
    return Promise.resolve({
      gateway: cluster.gateway,
      put: async (object) => void cluster.put(object),
      get: async (group, name) => cluster.get(group, "hostendpoints", name),
      touch: async (group, name) => {
        const found = cluster.get(group, "hostendpoints", name);
        if (found === undefined) throw new Error(`there is no ${name}`);
        cluster.put({
          ...found,
          metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, touched: "yes" } },
        });
      },
      replace: async (group, object) => {
        cluster.remove(group, "hostendpoints", object.metadata.name);
        const { uid: _uid, ...metadata } = object.metadata;
        cluster.put({ ...object, metadata });
      },
    });
  });
});
