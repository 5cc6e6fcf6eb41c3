/**
 * Takes the wrappings off a record: SQS hands over text, SNS puts the text into `Message`.
 *
 * In: a message body (text) or a value that was decoded already. Out: the innermost JSON value, or what is wrong.
 */
import { isJsonObject } from "../model/read-json.ts";

export type Unwrapped =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** An SNS envelope in an SNS envelope is legal (topic -> topic); more than this is somebody playing. */
const MAX_LAYERS = 3;

/** Length at which a body's beginning is cut when it is quoted as evidence. */
const EVIDENCE_CHARACTERS = 80;

export function unwrapBody(body: unknown, layersLeft: number = MAX_LAYERS): Unwrapped {
  if (typeof body === "string") {
    if (layersLeft === 0) return { ok: false, problem: `body: wrapped more than ${MAX_LAYERS} times` };
    const decoded = decode(body);
    return decoded.ok ? unwrapBody(decoded.value, layersLeft - 1) : decoded;
  }
  // https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
  if (isJsonObject(body) && body["Type"] === "Notification" && typeof body["Message"] === "string")
    return unwrapBody(body["Message"], layersLeft);
  return { ok: true, value: body };
}

/**
 * EventBridge's own limit was 256 KB until 2026; what we understand is a hundredth of it. Characters. Whatever is larger or nested
 * deeper is refused before it is parsed: one record must not spoil the memory and the time of the others.
 */
const MOST_CHARACTERS = 262_144;
const DEEPEST = 64;

function decode(text: string): Unwrapped {
  if (text.length > MOST_CHARACTERS)
    return { ok: false, problem: `body: ${text.length} characters; at most ${MOST_CHARACTERS} are read` };
  if (isDeeperThan(text, DEEPEST)) return { ok: false, problem: `body: nested deeper than ${DEEPEST}` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const beginning = text.length > EVIDENCE_CHARACTERS ? `${text.slice(0, EVIDENCE_CHARACTERS)}...` : text;
    return { ok: false, problem: `body: not JSON: ${JSON.stringify(beginning)}` };
  }
}

/** By the brackets outside of texts; what is no JSON is found out later. */
function isDeeperThan(text: string, deepest: number): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInText) {
      if (character === "\\") at += 1;
      else if (character === '"') isInText = false;
    } else if (character === '"') isInText = true;
    else if (character === "{" || character === "[") {
      depth += 1;
      if (depth > deepest) return true;
    } else if (character === "}" || character === "]") depth -= 1;
  }
  return false;
}
