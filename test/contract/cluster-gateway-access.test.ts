/** What doctor learns of an API server, as a user who may do something and one who may do nothing. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { connectWithToken } from "../../lib/kubernetes/connection/connect-with-token.ts";
import type { ClusterConnection } from "../../lib/kubernetes/connection/connect.ts";
import { CALICO_V3 } from "../../lib/model/calico-group.ts";
import { DeniedError, NotFoundError } from "../../lib/model/errors.ts";
import { rbacObjects } from "../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../lib/names/names.ts";
import { describeWithControlPlane } from "../control-plane/describe-with-control-plane.ts";

const signal = () => AbortSignal.timeout(20_000);

describeWithControlPlane(
  "access facts",
  (controlPlane) => {
    const open: ClusterConnection[] = [];
    let caPem: string;
    const as = (token: string) => {
      const connection = connectWithToken({
        endpoint: controlPlane().url,
        caPem,
        token: () => Promise.resolve(token),
      });
      open.push(connection);
      return connection;
    };
    beforeAll(async () => {
      caPem = await readFile(controlPlane().caFile, "utf8");
      await controlPlane().apply(rbacObjects());
    });
    afterAll(() => Promise.all(open.map((it) => it.close())));

    test("version, identity, permissions and rules", async () => {
      const { access } = as(controlPlane().tokenOf(KUBERNETES_USER));
      expect((await access.version(signal())).gitVersion).toMatch(/^v1\./);
      expect(await access.whoAmI(signal())).toEqual({
        user: KUBERNETES_USER,
        groups: expect.arrayContaining([KUBERNETES_GROUP]),
      });
      const hostEndpoints = { group: "crd.projectcalico.org", resource: "hostendpoints" };
      expect(await access.may({ verb: "create", ...hostEndpoints }, signal())).toMatchObject({
        allowed: true,
      });
      expect(await access.may({ verb: "patch", ...hostEndpoints }, signal())).toMatchObject({
        allowed: false,
      });
      const { rules } = await access.rules("default", signal());
      expect(rules).toContainEqual(expect.objectContaining({ resources: ["nodes"], verbs: ["get", "list"] }));
    });

    test("DaemonSets may be listed and not read or changed, and of EndpointSlices and ServiceCIDRs one read", async () => {
      const { gateway, access } = as(controlPlane().tokenOf(KUBERNETES_USER));
      const daemonSets = { groupVersion: "apps/v1", resource: "daemonsets" };
      expect(await gateway.listObjects({ ...daemonSets, container: "calico-node" }, signal())).toEqual([]);
      const inSystem = { ...daemonSets, namespace: "kube-system" };
      await expect(gateway.getObject(inSystem, "calico-node", signal())).rejects.toThrow(DeniedError);
      const slices = { groupVersion: "discovery.k8s.io/v1", resource: "endpointslices" };
      const inDefault = { ...slices, namespace: "default" };
      expect(await gateway.getObject(inDefault, "kubernetes", signal())).toBeUndefined();
      await expect(gateway.getObject(inDefault, "another", signal())).rejects.toThrow(DeniedError);
      await expect(gateway.listObjects(slices, signal())).rejects.toThrow(DeniedError);
      const blocks = { groupVersion: "networking.k8s.io/v1", resource: "servicecidrs" };
      expect((await gateway.getObject(blocks, "kubernetes", signal()))?.spec).toMatchObject({
        cidrs: [expect.stringContaining("/")],
      });
      await expect(gateway.getObject(blocks, "another", signal())).rejects.toThrow(DeniedError);
      await expect(gateway.listObjects(blocks, signal())).rejects.toThrow(DeniedError);
      // As doctor asks.
      expect(
        await access.may(
          { verb: "list", group: "apps", resource: "daemonsets", name: "calico-node" },
          signal(),
        ),
      ).toMatchObject({ allowed: true });
    });

    test("the probe goes all the way, stops at 403, stops at 401", async () => {
      expect(await as(controlPlane().tokenOf(KUBERNETES_USER)).probe(signal())).toMatchObject({ ok: true });
      expect(await as(controlPlane().tokenOf("nobody")).probe(signal())).toMatchObject({
        ok: false,
        hop: "authorization",
        status: 403,
      });
      expect(await as("wrong").probe(signal())).toMatchObject({
        ok: false,
        hop: "authentication",
        status: 401,
      });
    });

    test("a 403 says who lacks which verb on which resource", async () => {
      const { gateway } = as(controlPlane().tokenOf("nobody"));
      await expect(gateway.listHostEndpoints("crd.projectcalico.org/v1", signal())).rejects.toThrow(
        'list hostendpoints.crd.projectcalico.org: user "nobody" may not list "hostendpoints" in API group "crd.projectcalico.org" (403). Apply the ClusterRole and binding that `hepctl rbac` prints.',
      );
    });

    test("Calico's CRDs are not there: list and get of a HostEndpoint say so, and a get is not taken for absence", async () => {
      const { gateway } = as(controlPlane().tokenOf(KUBERNETES_USER));
      for (const attempt of [
        gateway.listHostEndpoints(CALICO_V3, signal()),
        gateway.getHostEndpoint(CALICO_V3, "n", signal()),
      ])
        await expect(attempt).rejects.toThrow(/Calico's CRDs are not installed.*Install Calico/);
      await expect(gateway.listHostEndpoints(CALICO_V3, signal())).rejects.toThrow(NotFoundError);
    });
  },
  {
    users: [
      { name: KUBERNETES_USER, groups: [KUBERNETES_GROUP] },
      { name: "nobody", groups: [] },
    ],
  },
);
