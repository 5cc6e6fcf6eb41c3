/**
 * Opens a TCP or TLS connection and knows at which hop it failed: name, connection, handshake.
 * One time limit covers all three, because a black hole swallows packets at any of them.
 */
import net from "node:net";
import tls from "node:tls";
import { UnreachableError, type UnreachableLayer } from "../../model/errors.ts";
import { classifyConnecting } from "../requests/classify-failure.ts";

export type SocketOptions = {
  readonly host: string;
  readonly port: number;
  /** Undefined: plain TCP. */
  readonly tls: TlsSettings | undefined;
  readonly timeoutMilliseconds: number;
};

export type TlsSettings = {
  /** Made once: parsing PEM for every connection is slow. */
  readonly context: tls.SecureContext;
  /** False only when the kubeconfig says `insecure-skip-tls-verify`. */
  readonly verify: boolean;
  /** The name that the certificate must bear, when it is not the host's. */
  readonly serverName: string | undefined;
};

/** Called at each hop that was passed; `probe` tells a person. */
export type HopListener = (hop: "dns" | "tcp" | "tls") => void;

/** @throws UnreachableError with layer dns, tcp or tls. */
export function openSocket(options: SocketOptions, onHop: HopListener = () => {}): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    let hop: UnreachableLayer = "dns";
    const socket = connect(options);
    const timer = setTimeout(() => {
      fail(
        `no answer within ${options.timeoutMilliseconds / 1000} s at the ${hop} step: ${swallowed(hop)}`,
        undefined,
      );
    }, options.timeoutMilliseconds);
    const fail = (what: string, cause: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(
        new UnreachableError(`cannot connect to ${options.host}:${options.port}: ${what}`, hop, { cause }),
      );
    };
    const done = () => {
      clearTimeout(timer);
      socket.removeListener("error", onError);
      resolve(socket);
    };
    const onError = (error: Error) => {
      const known = classifyConnecting(error);
      if (hop === "dns" && known !== undefined) hop = known.layer;
      fail(known?.what ?? `the ${hop} step failed (${error.message})`, error);
    };
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on("error", onError);
    socket.once("lookup", (error) => {
      if (error === null || error === undefined) {
        hop = "tcp";
        onHop("dns");
      }
    });
    socket.once("connect", () => {
      hop = options.tls === undefined ? "tcp" : "tls";
      onHop("tcp");
      if (options.tls === undefined) done();
    });
    socket.once("secureConnect", () => {
      onHop("tls");
      done();
    });
    if (net.isIP(options.host) !== 0) hop = "tcp";
  });
}

function connect(options: SocketOptions): net.Socket {
  const { host, port } = options;
  if (options.tls === undefined) return net.connect({ host, port });
  const serverName = options.tls.serverName ?? (net.isIP(host) === 0 ? host : undefined);
  return tls.connect({
    host,
    port,
    secureContext: options.tls.context,
    rejectUnauthorized: options.tls.verify,
    ALPNProtocols: ["http/1.1"],
    ...(serverName === undefined ? {} : { servername: serverName }),
  });
}

function swallowed(hop: UnreachableLayer): string {
  return hop === "dns"
    ? "the name server does not answer"
    : hop === "tls"
      ? "something accepts connections there and then stays silent"
      : "a security group, a network ACL or a route swallows the packets, or the endpoint is private";
}
