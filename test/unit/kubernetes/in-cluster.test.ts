import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { pickContext } from "../../../lib/kubernetes/kubeconfig/kubeconfig-context.ts";
import { readKubeconfig } from "../../../lib/kubernetes/kubeconfig/kubeconfig-files.ts";

describe("in a pod, without a kubeconfig", () => {
  let folder: string;
  let pod: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "serviceaccount-"));
    await writeFile(join(folder, "token"), "secret");
    pod = {
      HOME: join(folder, "nobody"),
      KUBERNETES_SERVICE_HOST: "10.96.0.1",
      KUBERNETES_SERVICE_PORT: "443",
      HEPCTL_SERVICE_ACCOUNT_FOLDER: folder,
    };
  });
  const contextOf = async (environment: Readonly<Record<string, string>>, wanted?: string) =>
    pickContext(await readKubeconfig({ environment }), wanted);

  test("the mounted ServiceAccount serves, by file, so that a renewed token is read", async () => {
    const { cluster, tokenFile, origin } = await contextOf(pod);
    expect({ server: cluster.server, ca: cluster.caFile, tokenFile }).toEqual({
      server: "https://10.96.0.1:443",
      ca: join(folder, "ca.crt"),
      tokenFile: join(folder, "token"),
    });
    expect(origin).toContain(`the ServiceAccount in ${folder}`);
    expect(origin).not.toContain("secret");
  });

  test("an address of IPv6 gets its brackets", async () => {
    const { cluster } = await contextOf({ ...pod, KUBERNETES_SERVICE_HOST: "fd00:10:96::1" });
    expect(cluster.server).toBe("https://[fd00:10:96::1]:443");
  });

  test.each([
    ["no API server in the environment", { KUBERNETES_SERVICE_HOST: "" }],
    ["no port", { KUBERNETES_SERVICE_PORT: "" }],
    ["no token mounted", { HEPCTL_SERVICE_ACCOUNT_FOLDER: "/no/such/folder" }],
  ])("%s: there is no kubeconfig, and that is what is said", async (_what, without) => {
    await expect(contextOf({ ...pod, ...without })).rejects.toThrow(/no kubeconfig/);
  });

  test("a kubeconfig wins, and one that is named must be there", async () => {
    const file = join(folder, "config");
    await writeFile(
      file,
      JSON.stringify({
        "current-context": "a",
        contexts: [{ name: "a", context: { cluster: "a" } }],
        clusters: [{ name: "a", cluster: { server: "https://elsewhere" } }],
      }),
    );
    expect((await contextOf({ ...pod, KUBECONFIG: file })).cluster.server).toBe("https://elsewhere");
    await expect(readKubeconfig({ file: "/no/such/file", environment: pod })).rejects.toThrow(
      /does not exist/,
    );
  });

  test("another context than its own is refused by name", async () => {
    await expect(contextOf(pod, "prod")).rejects.toThrow(/no context "prod".*it has in-cluster/);
  });
});
