/** "There is no such cluster" is of no use without where was looked, and what is there. */
import { DeniedError, NotFoundError, UnreachableError, type GatewayError } from "../model/errors.ts";
import type { AccountReader } from "./account-reader.ts";

/** Names that a message lists; an account may have hundreds. */
const MOST_NAMES = 20;

/**
 * The same error, saying which region and profile were asked; when there is no such cluster, the account and its clusters too.
 * What cannot be found out is said as such: this never hides the error that it explains.
 */
export async function whereAsked(
  error: GatewayError,
  profile: string | undefined,
  reader: Pick<AccountReader, "region" | "account" | "clusters">,
  signal: AbortSignal,
): Promise<GatewayError> {
  const region = `region ${reader.region}${profile === undefined ? "" : `, profile ${profile}`}`;
  const cause = { cause: error };
  if (error instanceof NotFoundError) {
    const [account, clusters] = await Promise.all([
      reader.account(signal).catch(() => undefined),
      reader.clusters(signal).catch((why: unknown) => (why instanceof Error ? why.message : String(why))),
    ]);
    return new NotFoundError(
      `${error.message} (asked: ${account === undefined ? "account unknown" : `account ${account}`}, ${region}; ${listed(clusters)})`,
      cause,
    );
  }
  const message = `${error.message} (${region})`;
  if (error instanceof UnreachableError) return new UnreachableError(message, error.layer, cause);
  if (error instanceof DeniedError) return new DeniedError(message, error.status, cause);
  return error;
}

function listed(clusters: readonly string[] | string): string {
  if (typeof clusters === "string") return `the clusters there could not be listed: ${clusters}`;
  if (clusters.length === 0) return "there are no clusters there";
  const more = clusters.length - MOST_NAMES;
  return `clusters there: ${clusters.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
