import type { UntestedHops } from "../../../lib/doctor/diagnosis.ts";
import type { ConnectedCluster } from "../../shared/compose-cli.ts";

/** Hops that do not exist on this way in, or that only a proxy sees: `doctor` never calls them good. */
export function untestedHops({ encrypted, proxy, notes }: ConnectedCluster["way"]): UntestedHops {
  const byProxy = proxy === undefined ? undefined : `the proxy ${proxy} does it for us`;
  return {
    ...(byProxy === undefined ? {} : { dns: byProxy, tcp: byProxy }),
    ...(encrypted
      ? {}
      : {
          credentials: notes.length === 0 ? "there are none" : notes.join("; "),
          tls: "there is none: the server address is http://",
          authentication: "nothing was sent that proves who we are",
        }),
  };
}
