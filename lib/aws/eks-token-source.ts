/**
 * The token of the moment: signed anew before the old one ends, and whenever the cluster refuses it.
 * A warm Lambda container may sleep for hours between two calls; the clock decides, not the call count.
 */
import { UnreachableError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { signEksToken, type EksToken, type SigningCredentials } from "./sign-eks-token.ts";

export type EksTokenSource = {
  /**
   * A token that the cluster takes for at least another minute.
   * @throws UnreachableError (layer `credentials`) when there are no AWS credentials to sign with.
   */
  token(): Promise<string>;
  /** Call it after a 401: the next token is a new one. */
  forget(): void;
};

export type EksTokenSourceOptions = {
  readonly region: string;
  readonly cluster: string;
  /** Asked for each token: the SDK's chain caches and renews by itself. */
  readonly credentials: () => Promise<SigningCredentials>;
  readonly clock: Pick<Clock, "now">;
};

/** Time for a run's last request; also what the authenticator's own client takes off (`1*time.Minute`). */
const MARGIN_MILLISECONDS = 60_000;

export function eksTokenSource(options: EksTokenSourceOptions): EksTokenSource {
  let current: Promise<EksToken> | undefined;
  return {
    token: async () => {
      const signing = (current ??= sign(options));
      const token = await signing.catch((error: unknown) => {
        if (current === signing) current = undefined;
        throw error;
      });
      if (token.expiresAt - MARGIN_MILLISECONDS > options.clock.now()) return token.value;
      // Several callers may find it old at once: the first of them replaces it.
      if (current === signing) current = sign(options);
      return (await (current ?? sign(options))).value;
    },
    forget: () => {
      current = undefined;
    },
  };
}

async function sign(options: EksTokenSourceOptions): Promise<EksToken> {
  const { region, cluster, clock } = options;
  const credentials = await options.credentials().catch((cause: unknown) => {
    throw new UnreachableError(
      "no AWS credentials to sign a cluster token with; check the profile, the environment or the role",
      "credentials",
      { cause },
    );
  });
  return signEksToken({ region, cluster, credentials, signedAt: new Date(clock.now()) });
}
