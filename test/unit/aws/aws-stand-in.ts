/** A loopback server in the place of AWS, for the gateways: it answers what the test says, and remembers what was asked. */
import { serveLoopback } from "../../fakes/serve-loopback.ts";

export type StandInRequest = { readonly path: string; readonly target: string; readonly body: string };
export type StandInAnswer = { readonly status: number; readonly body: string; readonly type?: string };
export type StandIn = AsyncDisposable & {
  readonly url: string;
  readonly requests: readonly StandInRequest[];
};

/** Sets the variable by which the SDK's client of `service` finds it, until it is disposed of. */
export async function standInFor(
  service: "EC2" | "EKS" | "SSM" | "SQS",
  answer: (request: StandInRequest, count: number) => StandInAnswer,
): Promise<StandIn> {
  const requests: StandInRequest[] = [];
  const { url, stop } = await serveLoopback((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      const asked = { path: request.url ?? "", target: String(request.headers["x-amz-target"] ?? ""), body };
      requests.push(asked);
      const answered = answer(asked, requests.length);
      response.writeHead(answered.status, { "content-type": answered.type ?? "application/json" });
      response.end(answered.body);
    });
  });
  const variables = {
    [`AWS_ENDPOINT_URL_${service}`]: url,
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  const before = Object.keys(variables).map((key) => [key, process.env[key]] as const);
  Object.assign(process.env, variables);
  return {
    url,
    requests,
    [Symbol.asyncDispose]: () => {
      for (const [key, value] of before) {
        if (value === undefined) delete process.env[key];
        else process.env[key] = value;
      }
      return stop();
    },
  };
}

/** What AWS's JSON services answer when they refuse. */
export function jsonRefusal(status: number, name: string, message: string): StandInAnswer {
  return { status, body: JSON.stringify({ __type: name, message, Message: message }) };
}
