/**
 * undici's main file loads all of it (fetch, WebSocket, caches); a connection needs two dispatchers and the one way of asking
 * that its main file hangs on them. When our own code imports anything else from it, the build fails: it belongs here then. What
 * packages import of it is theirs (client-node's way to log in by OpenID Connect loads all of it, and needs Node 22.19 for that).
 */
const CONNECTIONS = `
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import request from "undici/lib/api/api-request.js";
Dispatcher.prototype.request = request;
export { default as Pool } from "undici/lib/dispatcher/pool.js";
export { default as ProxyAgent } from "undici/lib/dispatcher/proxy-agent.js";
`;

/** @type {import("esbuild").Plugin} */
export const connectionsOfUndici = {
  name: "connections-of-undici",
  setup: (builder) => {
    builder.onResolve({ filter: /^undici$/ }, ({ importer }) =>
      importer.includes("node_modules") ? undefined : { path: "undici", namespace: "connections-of-undici" },
    );
    builder.onLoad({ filter: /.*/, namespace: "connections-of-undici" }, () => ({
      contents: CONNECTIONS,
      resolveDir: import.meta.dirname,
    }));
  },
};
