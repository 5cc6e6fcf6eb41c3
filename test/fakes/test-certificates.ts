/**
 * A certificate authority of our own, a server certificate for this machine and a client certificate, made with node:crypto
 * alone, because a clean machine has no openssl. The DER of X.509 (RFC 5280, section 4) is short when one writes only what is needed.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate authority that signed nothing here. */
export const SOME_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBgjCCASegAwIBAgIUN2XE9Xkg45SQyN71DECd3hrPcaswCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjIxOTQ4MjJaGA8yMTI2MTAy
OTE5NDgyMlowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABER29pb+zrV06gW1eyo6CtYDlbyThX+HCFqCLrpY5ZiBo1yoX6Ic
HhowCa6MklKzK5H/4OL1BQqZ3rD0+aHzVNijUzBRMB0GA1UdDgQWBBSBZLduXCNW
4MW6gkccTw/GEJUlNjAfBgNVHSMEGDAWgBSBZLduXCNW4MW6gkccTw/GEJUlNjAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCKJWG7WE20/YX3Zp9Q
vcA8yMPMn3PzbgRcz8PiMixZbQIhAKFlpyA+Xl+WzRjdd76Sa+I4LkOj+KvP4Cyv
2QY8N4xn
-----END CERTIFICATE-----
`;

export type CertificateAndKey = {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS 8. */
  readonly key: string;
};

export type TestCertificates = {
  readonly ca: CertificateAndKey;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: CertificateAndKey;
  readonly client: CertificateAndKey;
};

export type CertificateOptions = {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
};

/** @param leaf validity of the server's and the client's certificate; default: yesterday to in a year */
export function createTestCertificates(leaf: CertificateOptions = {}): TestCertificates {
  const authority = keyPair();
  const caName = `test-ca-${randomBytes(4).toString("hex")}`;
  const issue = (name: string, extensions: readonly Buffer[]): CertificateAndKey => {
    const subject = keyPair();
    return {
      certificate: certificate({
        name,
        issuer: caName,
        publicKey: subject.publicKey,
        signer: authority.privateKey,
        extensions,
        ...leaf,
      }),
      key: pem(subject.privateKey),
    };
  };
  return {
    ca: {
      certificate: certificate({
        name: caName,
        issuer: caName,
        publicKey: authority.publicKey,
        signer: authority.privateKey,
        extensions: [
          extension(oids.basicConstraints, sequence(tlv(0x01, Buffer.from([0xff])))),
          // keyCertSign is bit 5.
          extension(oids.keyUsage, tlv(0x03, Buffer.from([2, 0x04]))),
        ],
      }),
      key: pem(authority.privateKey),
    },
    server: issue("localhost", [
      extension(
        oids.subjectAltName,
        sequence(
          tlv(0x82, Buffer.from("localhost")),
          tlv(0x87, Buffer.from([127, 0, 0, 1])),
          tlv(0x87, Buffer.from([...Array.from({ length: 15 }, () => 0), 1])),
        ),
      ),
    ]),
    client: issue("test-client", []),
  };
}

type CertificateInput = CertificateOptions & {
  readonly name: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
};

const oids = {
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  basicConstraints: "551d13",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
} as const;

const day = 86_400_000;

function certificate(input: CertificateInput): string {
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    algorithm,
    distinguishedName(input.issuer),
    sequence(
      time(input.notBefore ?? new Date(Date.now() - day)),
      time(input.notAfter ?? new Date(Date.now() + 365 * day)),
    ),
    distinguishedName(input.name),
    input.publicKey.export({ type: "spki", format: "der" }),
    ...(input.extensions.length === 0 ? [] : [tlv(0xa3, sequence(...input.extensions))]),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", toBeSigned, input.signer)]);
  const der = sequence(toBeSigned, algorithm, tlv(0x03, signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, "$&\n").trimEnd()}\n-----END CERTIFICATE-----\n`;
}

function keyPair() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid(oids.commonName), tlv(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tlv(0x04, value));
}

/** UTCTime; good until 2049. */
function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return tlv(0x17, Buffer.from(`${text}Z`));
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
