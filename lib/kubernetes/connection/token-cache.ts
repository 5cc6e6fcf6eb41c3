/** Keeps a token until it expires or is refused; many requests that need one at the same time share one renewal. */
import type { Clock } from "../../ports/clock.ts";

export type ExpiringToken = {
  readonly token: string | undefined;
  /** Milliseconds since the epoch; undefined: it does not expire. */
  readonly expiresAt: number | undefined;
};

export type TokenCache = (signal: AbortSignal, fresh: boolean) => Promise<string | undefined>;

/** A refused token is not renewed again within this time: the requests that were refused together need one renewal only. */
const renewalsApart = 1_000;

export function createTokenCache(
  renew: (signal: AbortSignal) => Promise<ExpiringToken>,
  clock: Clock,
  first?: ExpiringToken,
): TokenCache {
  let current = first;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<ExpiringToken> | undefined;
  return async (signal, fresh) => {
    const now = clock.now();
    const usable = current !== undefined && (current.expiresAt === undefined || current.expiresAt > now);
    if (current !== undefined && usable && (!fresh || now - renewedAt < renewalsApart)) return current.token;
    underWay ??= renew(signal).finally(() => {
      underWay = undefined;
    });
    current = await underWay;
    renewedAt = clock.now();
    return current.token;
  };
}
