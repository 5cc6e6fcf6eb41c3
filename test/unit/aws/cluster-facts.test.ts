import { describe, expect, test } from "@jest/globals";
import { armedMark } from "../../../lib/aws/armed-mark.ts";
import { classifyError } from "../../../lib/aws/classify-error.ts";
import { eksCalls } from "../../../lib/aws/clients/eks.ts";
import { clusterFactsReader } from "../../../lib/aws/cluster-facts.ts";
import { queueUrlOf, queueVisibility } from "../../../lib/aws/queue-visibility.ts";
import {
  DeniedError,
  InvalidError,
  NotFoundError,
  ThrottledError,
  UnreachableError,
} from "../../../lib/model/errors.ts";
import { jsonRefusal, standInFor } from "./aws-stand-in.ts";

const signal = new AbortController().signal;
const pem = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
const described = {
  cluster: {
    name: "prod",
    status: "ACTIVE",
    endpoint: "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
    certificateAuthority: { data: Buffer.from(pem + pem).toString("base64") },
    accessConfig: { authenticationMode: "API" },
    resourcesVpcConfig: {
      endpointPublicAccess: true,
      endpointPrivateAccess: false,
      publicAccessCidrs: ["0.0.0.0/0"],
    },
    version: "1.34",
  },
};

function reader() {
  const clock = { time: 0, now: () => clock.time };
  return { clock, facts: clusterFactsReader("prod", async () => eksCalls({ region: "eu-west-1" }), clock) };
}

describe("clusterFactsReader", () => {
  test("asks once in five minutes, hands over the whole CA bundle, and asks again when told to forget", async () => {
    await using eks = await standInFor("EKS", () => ({ status: 200, body: JSON.stringify(described) }));
    const { clock, facts } = reader();
    expect(await facts.read(signal)).toEqual({
      name: "prod",
      status: "ACTIVE",
      endpoint: "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
      certificateAuthority: pem + pem,
      authenticationMode: "API",
      version: "1.34",
      publicAccess: true,
      privateAccess: false,
      publicAccessCidrs: ["0.0.0.0/0"],
    });
    clock.time += 299_000;
    await facts.read(signal);
    expect(eks.requests).toHaveLength(1);
    clock.time += 1_000;
    await facts.read(signal);
    expect(eks.requests).toHaveLength(2);
    facts.forget();
    await facts.read(signal);
    expect(eks.requests).toHaveLength(3);
  });

  test("a cluster that is being made has no endpoint: says its status", async () => {
    await using _eks = await standInFor("EKS", () => ({
      status: 200,
      body: '{"cluster":{"status":"CREATING"}}',
    }));
    const error = await reader()
      .facts.read(signal)
      .catch((it: unknown) => it);
    expect(error).toBeInstanceOf(InvalidError);
    expect(error).toMatchObject({ message: expect.stringContaining("status CREATING") });
  });

  test.each([
    [404, "ResourceNotFoundException", NotFoundError],
    [403, "AccessDeniedException", DeniedError],
    [400, "InvalidParameterException", InvalidError],
  ] as const)("%i %s", async (status, name, kind) => {
    await using _eks = await standInFor("EKS", () =>
      jsonRefusal(status, name, "No cluster found for name: prod."),
    );
    const error = await reader()
      .facts.read(signal)
      .catch((it: unknown) => it);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ message: expect.stringContaining("DescribeCluster prod") });
  });
});

describe("armedMark", () => {
  test("armed unless the parameter says otherwise", async () => {
    let value: string | undefined;
    await using ssm = await standInFor("SSM", ({ target, body }) => {
      if (target.endsWith("PutParameter")) {
        ({ Value: value } = JSON.parse(body) as { Value: string });
        return { status: 200, body: '{"Version":1}' };
      }
      return value === undefined
        ? jsonRefusal(400, "ParameterNotFound", "")
        : { status: 200, body: JSON.stringify({ Parameter: { Value: value } }) };
    });
    const mark = armedMark("/hostendpoint-reconciler/prod/armed", { region: "eu-west-1" });
    expect(await mark.read(signal)).toBe("armed");
    await mark.write("released", signal);
    expect(await mark.read(signal)).toBe("released");
    await mark.write("armed", signal);
    expect(await mark.read(signal)).toBe("armed");
    value = "perhaps";
    await expect(mark.read(signal)).rejects.toThrow(InvalidError);
    expect(ssm.requests.length).toBe(6);
  });

  test("not being allowed to look is an error, not a permission", async () => {
    await using _ssm = await standInFor("SSM", () => jsonRefusal(400, "AccessDeniedException", "no"));
    await expect(armedMark("/a", { region: "eu-west-1" }).read(signal)).rejects.toThrow(DeniedError);
  });
});

describe("queueVisibility", () => {
  test("ten to a call, to the queue that the ARN names; failures are told, not thrown", async () => {
    await using sqs = await standInFor("SQS", ({ body }, count) => {
      const { Entries, QueueUrl } = JSON.parse(body) as { Entries: { Id: string }[]; QueueUrl: string };
      expect(QueueUrl).toMatch(/\/111122223333\/events$/);
      if (count === 2) return jsonRefusal(400, "com.amazonaws.sqs#QueueDoesNotExist", "gone");
      return {
        status: 200,
        body: JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] }),
      };
    });
    const some = Array.from({ length: 12 }, (_, index) => ({ receiptHandle: `r${index}`, delaySeconds: 15 }));
    const arn = "arn:aws:sqs:eu-west-1:111122223333:events";
    const failures = await queueVisibility({ region: "eu-west-1" }).postpone(arn, some, signal);
    expect(sqs.requests).toHaveLength(2);
    expect(failures).toHaveLength(1);
    expect(queueUrlOf(arn)).toContain("/111122223333/events");
    expect(queueUrlOf("arn:aws-cn:sqs:cn-north-1:111122223333:events")).toBe(
      "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/events",
    );
  });
});

describe("classifyError", () => {
  const aws = (name: string, httpStatusCode: number, message = "m") =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

  test.each([
    [aws("ThrottlingException", 400), ThrottledError],
    [aws("RequestLimitExceeded", 503), ThrottledError],
    [aws("ResourceContentionFault", 500), ThrottledError],
    [aws("ExpiredTokenException", 403), DeniedError],
    [aws("Whatever", 418), InvalidError],
    [aws("InternalFailure", 500), UnreachableError],
    [Object.assign(new Error("x"), { name: "CredentialsProviderError" }), UnreachableError],
    [new Error("x"), UnreachableError],
    ["text", UnreachableError],
  ])("%s", (thrown, kind) => {
    expect(classifyError(thrown, "Op")).toBeInstanceOf(kind);
  });

  test.each([
    [{ code: "ENOTFOUND" }, "dns"],
    [{ code: "ECONNREFUSED" }, "tcp"],
    [{ code: "CERT_HAS_EXPIRED" }, "tls"],
    [{ name: "TimeoutError" }, "timeout"],
    [{ name: "AbortError" }, "timeout"],
    [{ name: "CredentialsProviderError" }, "credentials"],
  ])("%o is the layer %s", (properties, layer) => {
    expect(classifyError(Object.assign(new Error("x"), properties), "Op")).toMatchObject({ layer });
  });

  test("a wrong signature is told without what AWS quotes of the request", () => {
    const quoted = aws("SignatureDoesNotMatch", 403, "x-amz-security-token:FwoGZXIvYXdzE");
    expect(classifyError(quoted, "Op").message).toBe(
      "Op: AWS does not accept the credentials (SignatureDoesNotMatch)",
    );
  });
});
