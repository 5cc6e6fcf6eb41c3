/** Calls a deployed Lambda function and waits for its answer. */
import { InvalidError, UnreachableError, UsageError } from "../model/errors.ts";
import { isJsonObject, stringAt } from "../model/read-json.ts";
import { classifyError } from "./classify-error.ts";
import type { AwsOptions } from "./client-options.ts";

/** The function ran and threw: `message` is its own sentence, `type` the name of its error. */
export class FunctionFailedError extends InvalidError {
  readonly type: string;
  constructor(message: string, type: string) {
    super(message);
    this.type = type;
  }
}

/**
 * Answers the JSON that the function answered.
 * @throws UsageError when the function refused the payload, NotFoundError when there is no such function, FunctionFailedError when it threw, and the rest of `model/errors.ts`.
 */
export async function invokeFunction(
  functionName: string,
  payload: unknown,
  aws: AwsOptions,
  signal: AbortSignal,
): Promise<unknown> {
  const { lambdaCalls } = await import("./clients/lambda.ts");
  const answer = await lambdaCalls(aws)
    .invoke(functionName, payload, signal)
    .catch((error: unknown) => {
      throw classifyError(error, `Invoke ${functionName}`);
    });
  const body = parse(new TextDecoder().decode(answer.Payload ?? new Uint8Array()), functionName);
  if (answer.FunctionError === undefined) {
    const refusal = isJsonObject(body) && body["status"] === "refused" ? stringAt(body, "detail") : undefined;
    if (refusal !== undefined) throw new UsageError(`${functionName}: ${refusal}`);
    return body;
  }
  const { errorMessage, errorType } =
    typeof body === "object" && body !== null
      ? (body as { readonly errorMessage?: unknown; readonly errorType?: unknown })
      : {};
  const message =
    typeof errorMessage === "string" ? errorMessage : "it failed and did not say why; see its log";
  throw new FunctionFailedError(
    `${functionName}: ${message}`,
    typeof errorType === "string" ? errorType : "",
  );
}

function parse(text: string, functionName: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreachableError(
      `${functionName}: its answer is no JSON; is it the reconciler's function?`,
      "protocol",
      { cause },
    );
  }
}
