/**
 * The token webhook of an EKS control plane: kube-apiserver asks it who a token belongs to (TokenReview), it verifies the
 * token as aws-iam-authenticator does and answers with the user and groups of the access entry.
 */
import { verifyEksToken, type VerifierOptions } from "./eks-token-verifier.ts";
import { serveLoopback } from "./serve-loopback.ts";

export type AccessEntry = { readonly username: string; readonly groups: readonly string[] };

export type EksTokenWebhookOptions = VerifierOptions & {
  /** Access key -> access entry. A key without one is authenticated by STS and unknown to the cluster: 401. */
  readonly accessEntries: () => Readonly<Record<string, AccessEntry>>;
};

export type EksTokenWebhook = AsyncDisposable & {
  /** Text of a kubeconfig for `--authentication-token-webhook-config-file`. */
  readonly kubeconfig: string;
  /** One line for each TokenReview so far: the user's name, or why there is none. */
  readonly answers: readonly string[];
  readonly stop: () => Promise<void>;
};

export async function startEksTokenWebhook(options: EksTokenWebhookOptions): Promise<EksTokenWebhook> {
  const answers: string[] = [];
  const { url, stop } = await serveLoopback((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString("utf8")) as TokenReview;
      const status = answer(review.spec?.token ?? "", options);
      answers.push(status.user?.username ?? status.error ?? "");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: "TokenReview", status }));
    });
  });
  return {
    kubeconfig: kubeconfigOf(`${url}/authenticate`),
    answers,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type TokenReview = { readonly apiVersion: string; readonly spec?: { readonly token?: string } };
type ReviewStatus = {
  readonly authenticated: boolean;
  readonly user?: AccessEntry;
  readonly error?: string;
};

function answer(token: string, options: EksTokenWebhookOptions): ReviewStatus {
  const verdict = verifyEksToken(token, options);
  if (!verdict.ok) return { authenticated: false, error: verdict.problem };
  const user = options.accessEntries()[verdict.accessKeyId];
  return user === undefined
    ? { authenticated: false, error: "no access entry for this principal" }
    : { authenticated: true, user };
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "authenticator", cluster: { server } }],
    users: [{ name: "kube-apiserver", user: {} }],
    contexts: [{ name: "webhook", context: { cluster: "authenticator", user: "kube-apiserver" } }],
    "current-context": "webhook",
  });
}
