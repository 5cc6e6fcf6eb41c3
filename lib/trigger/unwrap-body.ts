import { isJsonObject } from "../model/read-json.ts";
/**
 * Takes the wrappings off a record: SQS hands over text, SNS puts the text into `Message`.
 *
 * In: a message body (text) or a value that was decoded already. Out: the innermost JSON value, or what is wrong.
 */
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

function decode(text: string): Unwrapped {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const beginning = text.length > EVIDENCE_CHARACTERS ? `${text.slice(0, EVIDENCE_CHARACTERS)}...` : text;
    return { ok: false, problem: `body: not JSON: ${JSON.stringify(beginning)}` };
  }
}
