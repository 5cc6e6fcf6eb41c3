/**
 * Certificates and keys -> what a TLS connection needs, checked before the first packet:
 * a broken bundle or an expired client certificate is said in one sentence, not by a handshake that fails somewhere.
 */
import { X509Certificate } from "node:crypto";
import tls from "node:tls";
import { UnreachableError, UsageError } from "../../model/errors.ts";
import type { TlsSettings } from "./open-socket.ts";

export type TlsInput = {
  /** PEM, one certificate or several (an EKS cluster has two while its CA rotates). Undefined: the machine's own roots. */
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly verify: boolean;
  readonly serverName: string | undefined;
  /** Where the certificates come from, for messages. */
  readonly origin: string;
  /** Milliseconds since the epoch; a client certificate must be valid then. */
  readonly now: number;
};

export type TlsMaterial = { readonly settings: TlsSettings; readonly input: TlsInput };

/**
 * @throws UsageError when a bundle, certificate or key cannot be read.
 * @throws UnreachableError (layer `credentials`) when the client certificate is not valid now.
 */
export function readTlsMaterial(input: TlsInput): TlsMaterial {
  if (input.ca !== undefined) readCertificates(input.ca, `the CA bundle of ${input.origin}`);
  if (input.certificate !== undefined) checkClientCertificate(input.certificate, input);
  if ((input.certificate === undefined) !== (input.key === undefined))
    throw new UsageError(
      `${input.origin}: a client certificate needs its key, and a key its certificate; give both or neither`,
    );
  try {
    const context = tls.createSecureContext({
      ...(input.ca === undefined ? {} : { ca: input.ca }),
      ...(input.certificate === undefined ? {} : { cert: input.certificate }),
      ...(input.key === undefined ? {} : { key: input.key }),
    });
    return { settings: { context, verify: input.verify, serverName: input.serverName }, input };
  } catch (cause) {
    throw new UsageError(
      `${input.origin}: the client certificate and its key cannot be used together; check that they are PEM and belong to each other`,
      {
        cause,
      },
    );
  }
}

/** The same in the words of undici's proxy agent. */
export function tlsOptionsForProxy(
  material: TlsMaterial,
): Pick<tls.ConnectionOptions, "secureContext" | "rejectUnauthorized"> & { readonly servername?: string } {
  const { settings } = material;
  return {
    secureContext: settings.context,
    rejectUnauthorized: settings.verify,
    ...(settings.serverName === undefined ? {} : { servername: settings.serverName }),
  };
}

function checkClientCertificate(pem: string, input: TlsInput): void {
  const first = readCertificates(pem, `the client certificate of ${input.origin}`)[0];
  if (first === undefined) return;
  const until = first.validToDate;
  if (until.getTime() <= input.now)
    throw new UnreachableError(
      `the client certificate of ${input.origin} expired on ${until.toISOString()}; log in again or get a new kubeconfig`,
      "credentials",
    );
  if (first.validFromDate.getTime() > input.now)
    throw new UnreachableError(
      `the client certificate of ${input.origin} is valid only from ${first.validFromDate.toISOString()}; check this machine's clock`,
      "credentials",
    );
}

function readCertificates(pem: string, what: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw new UsageError(`${what} holds no certificate: it must be PEM with BEGIN CERTIFICATE`);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new UsageError(`${what}: certificate ${index + 1} of ${blocks.length} cannot be read`, { cause });
    }
  });
}
