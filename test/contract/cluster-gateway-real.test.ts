import { afterAll, beforeAll } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { connectWithToken } from "../../lib/kubernetes/connection/connect-with-token.ts";
import type { ClusterConnection } from "../../lib/kubernetes/connection/connect.ts";
import type { CalicoGroup } from "../../lib/model/calico-group.ts";
import { rbacObjects } from "../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../lib/names/names.ts";
import { ApiError } from "../control-plane/admin-client.ts";
import { describeWithControlPlane } from "../control-plane/describe-with-control-plane.ts";
import { describeClusterGateway } from "./cluster-gateway.suite.ts";

describeWithControlPlane(
  "a real kube-apiserver, as the reconciler's own user",
  (controlPlane) => {
    let connection: ClusterConnection;
    beforeAll(async () => {
      const { apply, url, caFile, tokenOf } = controlPlane();
      await apply(rbacObjects());
      connection = connectWithToken({
        endpoint: url,
        caPem: await readFile(caFile, "utf8"),
        token: () => Promise.resolve(tokenOf(KUBERNETES_USER)),
      });
    });
    afterAll(() => connection.close());

    describeClusterGateway(async () => {
      const { resetObjects, apply, admin } = controlPlane();
      await resetObjects();
      const path = (group: CalicoGroup, name: string) => `/apis/${group}/hostendpoints/${name}`;
      return {
        gateway: connection.gateway,
        put: async (object) => void (await apply([object])),
        get: async (group, name) => {
          try {
            return await admin.get(path(group, name));
          } catch (error) {
            if (error instanceof ApiError && error.status === 404) return undefined;
            throw error;
          }
        },
        touch: async (group, name) => {
          await admin.patch(path(group, name), { metadata: { annotations: { touched: "yes" } } });
        },
        replace: async (group, object) => {
          await admin.remove(path(group, object.metadata.name));
          await apply([object]);
        },
      };
    });
  },
  { definitions: "migration", users: [{ name: KUBERNETES_USER, groups: [KUBERNETES_GROUP] }] },
);
