/** The versions that every source gives; `server/go.mod` names the same ones (a test holds them together). */
export const versions = { kubernetes: "v1.34.4", etcd: "v3.6.4" } as const;

/** Where the official programs are published; each file has its checksum beside it. */
export type ReleaseHosts = {
  readonly kubernetes: string;
  readonly etcd: string;
};

export const releaseHosts: ReleaseHosts = {
  kubernetes: "https://dl.k8s.io/release",
  etcd: "https://github.com/etcd-io/etcd/releases/download",
};

/** Addresses of one platform's programs and of their SHA-256 sums. */
export type ReleaseFiles = {
  readonly kubeApiserver: string;
  /** Text of one sum. */
  readonly kubeApiserverSum: string;
  readonly etcdArchive: string;
  /** Text of lines `SUM  FILE`. */
  readonly etcdSums: string;
  /** Name of the archive in `etcdSums`. */
  readonly etcdArchiveName: string;
  /** Path of the program inside the archive. */
  readonly etcdMember: string;
};

const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** Where the programs for a platform are; undefined where no official kube-apiserver exists (anything but Linux). */
export function releaseFiles(hosts: ReleaseHosts, platform: string, arch: string): ReleaseFiles | undefined {
  const architecture = architectures[arch];
  if (platform !== "linux" || architecture === undefined) return undefined;
  const kubeApiserver = `${hosts.kubernetes}/${versions.kubernetes}/bin/linux/${architecture}/kube-apiserver`;
  const etcdName = `etcd-${versions.etcd}-linux-${architecture}`;
  return {
    kubeApiserver,
    kubeApiserverSum: `${kubeApiserver}.sha256`,
    etcdArchive: `${hosts.etcd}/${versions.etcd}/${etcdName}.tar.gz`,
    etcdSums: `${hosts.etcd}/${versions.etcd}/SHA256SUMS`,
    etcdArchiveName: `${etcdName}.tar.gz`,
    etcdMember: `${etcdName}/etcd`,
  };
}
