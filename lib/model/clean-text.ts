/**
 * Text that others wrote, or may have written into: before it stands in an error, an answer or a log, secrets go and it is cut.
 * What an EKS token is, what an Authorization header holds, and what a presigned URL carries.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/k8s-aws-v1(\.|%2E)[A-Za-z0-9_=%-]+/gi, "[token]"],
  // A JSON web token: a service account's, or an OpenID provider's.
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?/g, "[token]"],
  [/\b(Bearer|Basic)(\s|\+|%20)+[A-Za-z0-9._~+/=%-]{8,}/gi, "$1 [secret]"],
  [/\bAWS4-HMAC-SHA256 Credential=[^"\\]+/g, "[signature]"],
  [/(X-Amz-(?:Security-Token|Signature|Credential))(=|%3D|[":\s\\]+)[^"&\s\\,;]+/gi, "$1$2[secret]"],
  [/("(?:authorization|token|sessionToken|secretAccessKey|password)\\?"\s*:\s*\\?")[^"\\]+/gi, "$1[secret]"],
];

export function scrub(text: string): string {
  return SECRETS.reduce((line, [pattern, replacement]) => line.replace(pattern, replacement), text);
}

/** Longest text of an error: a few sentences, and a list that names the first of many. */
const MOST_CHARACTERS = 4_000;

/** Scrubbed first, so that no cut leaves half a secret behind that no pattern knows. */
export function cleanText(text: string, mostCharacters: number = MOST_CHARACTERS): string {
  // Much longer than anything that is shown: not worth a search.
  const searched = scrub(text.length > 10 * mostCharacters ? text.slice(0, 10 * mostCharacters) : text);
  return searched.length > mostCharacters
    ? `${searched.slice(0, mostCharacters)}... (${text.length} characters)`
    : searched;
}
