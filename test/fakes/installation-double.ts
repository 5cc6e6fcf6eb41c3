/**
 * One loopback server for all of AWS that `hepctl doctor` asks: EKS and Lambda by path, EventBridge, SQS and SSM by target,
 * Auto Scaling by the query's action. It answers what the test says of each, and refuses by AWS's own word.
 */
import type { IncomingMessage } from "node:http";
import { serveLoopback } from "./serve-loopback.ts";

/** `EKS DescribeCluster` and the like; what is missing is answered with 404. A function is asked with the body. */
export type Answers = Readonly<Record<string, Answer | ((body: string) => Answer)>>;
type Answer = string | Readonly<Record<string, unknown>>;

/** AWS refuses with this error name. */
export type Refusal = { readonly refusal: string; readonly status: number };

export type InstallationDouble = AsyncDisposable & {
  /** What hepctl needs in its environment to find it, with credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of the operations so far, sorted, each once. */
  readonly asked: () => readonly string[];
};

export async function startInstallationDouble(answers: Answers): Promise<InstallationDouble> {
  const asked = new Set<string>();
  const { url, stop } = await serveLoopback((request, response) => {
    void readText(request).then((body) => {
      const operation = operationOf(request, body);
      asked.add(operation);
      const given: Answers[string] = answers[operation] ?? {
        refusal: "ResourceNotFoundException",
        status: 404,
      };
      const answer = typeof given === "function" ? given(body) : given;
      if (typeof answer === "string") {
        response.writeHead(200, { "content-type": "text/xml" }).end(answer);
        return;
      }
      if (!isRefusal(answer)) {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
        return;
      }
      const { refusal, status } = answer;
      response.writeHead(status, { "x-amzn-errortype": refusal });
      response.end(
        operation.startsWith("AutoScaling")
          ? `<ErrorResponse><Error><Type>Sender</Type><Code>${refusal}</Code><Message>no</Message></Error></ErrorResponse>`
          : JSON.stringify({ __type: refusal, message: "no" }),
      );
    });
  });
  return {
    environment: {
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_ENDPOINT_URL: url,
      AWS_EC2_METADATA_DISABLED: "true",
    },
    asked: () => [...asked].sort(),
    [Symbol.asyncDispose]: stop,
  };
}

const PATHS: readonly (readonly [RegExp, string])[] = [
  [/^\/clusters\/[^/]+\/access-entries\//, "EKS DescribeAccessEntry"],
  [/^\/clusters\/[^/]+\/node-groups(\?|$)/, "EKS ListNodegroups"],
  [/^\/clusters\/[^/]+\/node-groups\//, "EKS DescribeNodegroup"],
  [/^\/clusters\/[^/]+$/, "EKS DescribeCluster"],
  [/^\/2015-03-31\/functions\/[^/]+\/configuration/, "Lambda GetFunctionConfiguration"],
  [/^\/2015-03-31\/event-source-mappings/, "Lambda ListEventSourceMappings"],
];

function operationOf(request: IncomingMessage, body: string): string {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") return target.replace(".", " ");
  const path = request.url ?? "";
  const byPath = PATHS.find(([pattern]) => pattern.test(path));
  return byPath?.[1] ?? `AutoScaling ${new URLSearchParams(body).get("Action") ?? path}`;
}

function isRefusal(answer: Readonly<Record<string, unknown>>): answer is Refusal {
  return "refusal" in answer;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
