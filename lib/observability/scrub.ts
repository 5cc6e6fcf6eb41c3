/**
 * Takes secrets out of a line before it leaves the process: the last net below the care that is taken above it.
 * What an EKS token is, what an Authorization header holds, and what a presigned URL carries.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/k8s-aws-v1\.[A-Za-z0-9_=-]+/g, "[token]"],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, "$1 [secret]"],
  [/\bAWS4-HMAC-SHA256 Credential=[^"\\]+/g, "[signature]"],
  [/(X-Amz-(?:Security-Token|Signature|Credential))(=|%3D|[":\s\\]+)[^"&\s\\,;]+/gi, "$1$2[secret]"],
  [/("(?:authorization|token|sessionToken|secretAccessKey|password)\\?"\s*:\s*\\?")[^"\\]+/gi, "$1[secret]"],
];

export function scrub(text: string): string {
  return SECRETS.reduce((line, [pattern, replacement]) => line.replace(pattern, replacement), text);
}
