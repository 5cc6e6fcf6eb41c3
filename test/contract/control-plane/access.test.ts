import { expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, stat } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { adminClient, ApiError, type AdminClient } from "../../control-plane/admin-client.ts";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import {
  describeWhereControlPlaneRuns,
  describeWithControlPlane,
} from "../../control-plane/describe-with-control-plane.ts";

const hostEndpoints = "/apis/crd.projectcalico.org/v1/hostendpoints";

/** A client that presents a token, whosever it is. */
async function clientWith(controlPlane: ControlPlane, token: string): Promise<AdminClient> {
  const ca = await readFile(controlPlane.caFile, "utf8");
  return adminClient(controlPlane.url, ca, { name: "somebody", groups: [], token });
}

async function statusOf(request: Promise<unknown>): Promise<number> {
  try {
    await request;
    return 200;
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
}

describeWithControlPlane(
  "users and RBAC",
  (controlPlane) => {
    test("a user may do what its group is granted, and nothing else", async () => {
      await controlPlane().apply([
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRole",
          metadata: { name: "reads-nodes" },
          rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }],
        },
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRoleBinding",
          metadata: { name: "reads-nodes" },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reads-nodes" },
          subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "readers" }],
        },
      ]);
      const reader = await clientWith(controlPlane(), controlPlane().tokenOf("reader"));
      expect(await statusOf(reader.list("/api/v1/nodes"))).toBe(200);
      expect(await statusOf(reader.list(hostEndpoints))).toBe(403);
      expect(await statusOf(reader.remove("/api/v1/nodes/n1"))).toBe(403);
      const stranger = await clientWith(controlPlane(), controlPlane().tokenOf("stranger"));
      expect(await statusOf(stranger.list("/api/v1/nodes"))).toBe(403);
      await Promise.all([reader.close(), stranger.close()]);
    });

    test("a token that is nobody's is refused", async () => {
      const client = await clientWith(controlPlane(), "made-up");
      expect(await statusOf(client.list("/api/v1/nodes"))).toBe(401);
      await client.close();
    });

    test("a kubeconfig leads its user in, and only its owner may read the file", async () => {
      const file = await controlPlane().writeKubeconfig("reader");
      const text = await readFile(file, "utf8");
      expect(text).toBe(controlPlane().kubeconfig("reader"));
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const config = parse(text) as {
        clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
        users: [{ user: { token: string } }];
      };
      const { server, "certificate-authority-data": caData } = config.clusters[0].cluster;
      const user = { name: "reader", groups: [], token: config.users[0].user.token };
      const client = adminClient(server, Buffer.from(caData, "base64").toString(), user);
      const review = await client.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", {
        apiVersion: "authentication.k8s.io/v1",
        kind: "SelfSubjectReview",
        metadata: { name: "" },
      });
      expect(review["status"]).toMatchObject({
        userInfo: { username: "reader", groups: expect.arrayContaining(["readers", "more-readers"]) },
      });
      await client.close();
    });

    test("an unknown user is an error", () => {
      expect(() => controlPlane().kubeconfig("typo")).toThrow("the control plane has no user typo");
    });
  },
  {
    users: [
      { name: "reader", groups: ["readers", "more-readers"] },
      { name: "stranger", groups: [] },
    ],
  },
);

describeWhereControlPlaneRuns("a token webhook", () => {
  test("is asked about tokens that are no user's, and its answer is the identity", async () => {
    const asked: string[] = [];
    const webhook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as {
          apiVersion: string;
          spec: { token: string };
        };
        asked.push(review.spec.token);
        const authenticated = review.spec.token === "good";
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify({
            apiVersion: review.apiVersion,
            kind: "TokenReview",
            status: {
              authenticated,
              ...(authenticated ? { user: { username: "role", groups: ["system:masters"] } } : {}),
            },
          }),
        );
      });
    });
    webhook.listen(0, "127.0.0.1");
    await once(webhook, "listening");
    const { port } = webhook.address() as AddressInfo;
    const tokenWebhook = stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "webhook", cluster: { server: `http://127.0.0.1:${port}/` } }],
      users: [{ name: "apiserver" }],
      contexts: [{ name: "webhook", context: { cluster: "webhook", user: "apiserver" } }],
      "current-context": "webhook",
    });
    const controlPlane = await startControlPlane({ definitions: "none", tokenWebhook });
    try {
      const [good, bad] = [await clientWith(controlPlane, "good"), await clientWith(controlPlane, "bad")];
      expect(await statusOf(good.list("/api/v1/nodes"))).toBe(200);
      expect(await statusOf(bad.list("/api/v1/nodes"))).toBe(401);
      expect(asked).toEqual(["good", "bad"]);
      expect(await controlPlane.requests.count({ user: "role" })).toEqual({ "list nodes": 1 });
      await Promise.all([good.close(), bad.close()]);
    } finally {
      await controlPlane.stop();
      webhook.close();
      webhook.closeAllConnections();
    }
  });
});
