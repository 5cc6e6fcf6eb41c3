/** hepctl version, and hepctl alone. */
import { expect, test } from "@jest/globals";
import { describeWithReconciler } from "./with-reconciler.ts";
import { onlyLine, runHepctl } from "./run-hepctl.ts";

test("hepctl alone prints help", async () => {
  const [alone, asked] = await Promise.all([runHepctl([]), runHepctl(["--help"])]);
  expect(alone).toMatchObject({ code: 0, stderr: "", stdout: asked.stdout });
  expect(alone.stdout).toContain("Usage: hepctl");
});

test("without a cluster its own version is printed all the same, and why the rest is missing", async () => {
  const { code, stdout, stderr } = await runHepctl(["version"]);
  expect({ code, line: onlyLine(stderr) }).toEqual({
    code: 64,
    line: expect.stringMatching(/no kubeconfig/) as unknown,
  });
  expect(stdout).toMatch(/^hepctl {6}\d+\.\d+\.\d+\S*, commit ([0-9a-f]{12}(-dirty)?|unknown), Node v\d+/);
  expect(await runHepctl(["version", "--client"])).toMatchObject({ code: 0, stdout, stderr: "" });
});

describeWithReconciler("hepctl version", ({ controlPlane, hepctl }) => {
  test("tells the server's version and Calico's", async () => {
    await controlPlane().apply([
      {
        apiVersion: "crd.projectcalico.org/v1",
        kind: "ClusterInformation",
        metadata: { name: "default" },
        spec: { calicoVersion: "v3.31.2", datastoreReady: true },
      },
    ]);
    const { code, stdout } = await hepctl(["version", "-o", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      server: { url: controlPlane().url, version: expect.stringMatching(/^v1\./) as unknown },
      calico: { version: "v3.31.2", group: "crd.projectcalico.org/v1" },
    });
  });
});
