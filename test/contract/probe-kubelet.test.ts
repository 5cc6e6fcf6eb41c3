/**
 * The canary's probe on a real kube-apiserver: what the API server says of a kubelet that answers, that is ill, that nobody
 * listens for, that says nothing, and to a user without `nodes/proxy`.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { connectWithToken } from "../../lib/kubernetes/connection/connect-with-token.ts";
import { DeniedError, UnreachableError } from "../../lib/model/errors.ts";
import { rbacObjects } from "../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../lib/names/names.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { describeWithControlPlane } from "../control-plane/describe-with-control-plane.ts";
import { createTestCertificates } from "../fakes/test-certificates.ts";

const STRANGER = "stranger";
/** Takes the connection and says nothing. */
const SILENT = 0;

/** The API server refuses to proxy to loopback addresses, so the kubelet needs one of this machine's own. */
const address = Object.values(networkInterfaces())
  .flatMap((it) => it ?? [])
  .find((it) => !it.internal && it.family === "IPv4")?.address;

describeWithControlPlane(
  "the probe of a kubelet through the API server",
  (controlPlane) => {
    let kubelet: https.Server;
    let status = 200;
    const closers: (() => Promise<void>)[] = [];
    const gatewayOf = async (user: string) => {
      const { url, caFile, tokenOf } = controlPlane();
      const connection = connectWithToken({
        endpoint: url,
        caPem: await readFile(caFile, "utf8"),
        token: () => Promise.resolve(tokenOf(user)),
      });
      closers.push(() => connection.close());
      return connection.gateway;
    };
    const aKubeletAt = (ip: string, Port: number) => {
      const node = aNodeObject({ name: "n", addresses: [{ type: "InternalIP", address: ip }] });
      return controlPlane().apply([
        { ...node, status: { ...node.status, daemonEndpoints: { kubeletEndpoint: { Port } } } },
      ]);
    };
    const probe = async (user = KUBERNETES_USER, signal = AbortSignal.timeout(30_000)) =>
      (await gatewayOf(user)).probeKubelet("n", signal);

    beforeAll(async () => {
      await controlPlane().apply(rbacObjects({ probe: true }));
      const { server } = createTestCertificates();
      kubelet = https.createServer({ key: server.key, cert: server.certificate }, (_request, response) => {
        if (status !== SILENT) response.writeHead(status).end(status === 200 ? "ok" : "ill");
      });
      kubelet.listen(0, address);
      await once(kubelet, "listening");
    });
    afterEach(async () => {
      status = 200;
      await Promise.all(closers.splice(0).map((close) => close()));
      await controlPlane().resetObjects();
    });
    afterAll(() => {
      kubelet.closeAllConnections();
      kubelet.close();
    });
    const port = () => (kubelet.address() as AddressInfo).port;

    test("one that says ok has answered", async () => {
      await aKubeletAt(address ?? "", port());
      expect(await probe()).toBe("answered");
    });

    test("one that calls itself ill has failed", async () => {
      status = 500;
      await aKubeletAt(address ?? "", port());
      expect(await probe()).toBe("failed");
    });

    test("one that nobody listens for has failed", async () => {
      await aKubeletAt(address ?? "", 1);
      expect(await probe()).toBe("failed");
    });

    test("one that says nothing has failed, before the API server itself gives up", async () => {
      status = SILENT;
      await aKubeletAt(address ?? "", port());
      const started = Date.now();
      expect(await probe()).toBe("failed");
      expect(Date.now() - started).toBeLessThan(14_000);
    }, 40_000);

    test("of a Node that is gone nothing is said", async () => {
      expect(await probe()).toBeUndefined();
    });

    test("who may not is told so", async () => {
      await aKubeletAt(address ?? "", port());
      await expect(probe(STRANGER)).rejects.toThrow(DeniedError);
    });

    test("a budget that has run out says nothing of the kubelet", async () => {
      status = SILENT;
      await aKubeletAt(address ?? "", port());
      await expect(probe(KUBERNETES_USER, AbortSignal.timeout(300))).rejects.toThrow(UnreachableError);
    });
  },
  {
    users: [
      { name: KUBERNETES_USER, groups: [KUBERNETES_GROUP] },
      { name: STRANGER, groups: [] },
    ],
  },
);
