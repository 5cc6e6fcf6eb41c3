/** The API server behind the kubeconfig that `KUBECONFIG` names, as bare requests. */
import { readFile } from "node:fs/promises";
import { Client } from "undici";
import { parse } from "yaml";

export type ApiServer = {
  /** Answers of the server, whatever their status. */
  request(method: Method, path: string, body?: PatchBody): Promise<Answer>;
  close(): Promise<void>;
};

export type Method = "GET" | "PATCH" | "DELETE";

export type PatchBody = { readonly contentType: string; readonly value: unknown };

export type Answer = {
  readonly status: number;
  readonly body: KubernetesBody;
  /** Texts of the Warning headers: kubectl shows them. */
  readonly warnings: readonly string[];
};

/** The parts of objects, lists and Status that are read here. */
export type KubernetesBody = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly items?: readonly KubernetesBody[];
  readonly reason?: string;
  readonly message?: string;
  readonly [key: string]: unknown;
};

/** The parts of a kubeconfig that the embedded control plane writes. */
type Kubeconfig = {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly "certificate-authority-data": string } },
  ];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
};

export async function connect(kubeconfigFile: string): Promise<ApiServer> {
  const { clusters, users } = parse(await readFile(kubeconfigFile, "utf8")) as Kubeconfig;
  const { server, "certificate-authority-data": ca } = clusters[0].cluster;
  const client = new Client(server, { connect: { ca: Buffer.from(ca, "base64").toString("utf8") } });
  return {
    request: async (method, path, body) => {
      const response = await client.request({
        method,
        path,
        headers: {
          authorization: `Bearer ${users[0].user.token}`,
          // Discovery of all groups in one answer; everything else does not mind.
          accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
          ...(body === undefined ? {} : { "content-type": body.contentType }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body.value) }),
      });
      return {
        status: response.statusCode,
        body: (await response.body.json()) as KubernetesBody,
        warnings: [response.headers["warning"] ?? []].flat().map(warningText),
      };
    },
    close: () => client.close(),
  };
}

/** `299 - "text"`, in which quotes and backslashes are escaped. */
function warningText(header: string): string {
  const quoted = /"(.*)"/s.exec(header)?.[1] ?? header;
  return quoted.replaceAll(/\\(.)/g, "$1");
}
