import { expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { releaseFiles, releaseHosts, versions } from "../../control-plane/binaries/releases.ts";

const goMod = new URL("../../control-plane/server/go.mod", import.meta.url);

test("what is downloaded and what is built are the same versions", async () => {
  const text = await readFile(goMod, "utf8");
  expect(text).toContain(`k8s.io/kubernetes ${versions.kubernetes}\n`);
  expect(text).toContain(`go.etcd.io/etcd/server/v3 ${versions.etcd}\n`);
});

test("every staging module of Kubernetes is pinned to the same release", async () => {
  const text = await readFile(goMod, "utf8");
  const pinned = [...text.matchAll(/^\tk8s\.io\/([\w-]+) => k8s\.io\/([\w-]+) (v\S+)$/gm)];
  expect(pinned.length).toBeGreaterThan(20);
  for (const [, from, to, version] of pinned) {
    expect([from, version]).toEqual([to, versions.kubernetes.replace("v1.", "v0.")]);
  }
});

test.each([
  { arch: "x64", name: "amd64" },
  { arch: "arm64", name: "arm64" },
])("on Linux $arch the files are those of $name", ({ arch, name }) => {
  const files = releaseFiles(releaseHosts, "linux", arch);
  expect(files?.kubeApiserver).toMatch(
    new RegExp(`/${versions.kubernetes}/bin/linux/${name}/kube-apiserver$`),
  );
  expect(files?.etcdArchive).toMatch(
    new RegExp(`/${versions.etcd}/etcd-${versions.etcd}-linux-${name}.tar.gz$`),
  );
});
