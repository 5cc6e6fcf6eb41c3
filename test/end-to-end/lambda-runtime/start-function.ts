/**
 * A bundled function under the real Lambda runtime: its own process, its own environment, one invocation at a time.
 *
 * In: the bundle, settings, environment. Out: `invoke`, and what it wrote. It never outlives whoever started it.
 */
import { randomUUID } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startSupervised } from "../../control-plane/processes/start-supervised.ts";
import { locateRuntime } from "./locate-runtime.ts";
import { startRuntimeApi, type InvocationResult } from "./start-runtime-api.ts";

export type FunctionOptions = {
  /** Name of the deployed function. */
  readonly name: string;
  /** `index.mjs` of the bundle. */
  readonly bundle: string;
  /** Becomes `settings.json` beside it. */
  readonly settings: object;
  /** Endpoints, credentials and whatever else the function is to see. Nothing of AWS is taken from this process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of each invocation; default 30 s. */
  readonly timeoutMilliseconds?: number;
};

export type RunningFunction = AsyncDisposable & {
  /** Asks for one invocation; they are served one after the other, as in one execution environment. */
  readonly invoke: (payload: unknown) => Promise<InvocationResult>;
  /** Milliseconds from the start of the process to its first question for an invocation. */
  readonly initMilliseconds: number;
  /** Everything that it wrote so far, line by line: logs and metrics. */
  readonly lines: () => readonly string[];
  readonly stop: () => Promise<void>;
};

const initPatienceMilliseconds = 30_000;

export async function startFunction(options: FunctionOptions): Promise<RunningFunction> {
  const script = await locateRuntime();
  const api = await startRuntimeApi(`arn:aws:lambda:eu-west-1:111122223333:function:${options.name}`);
  const folder = mkdtempSync(join(tmpdir(), "lambda-"));
  copyFileSync(options.bundle, join(folder, "index.mjs"));
  copyFileSync(`${options.bundle}.map`, join(folder, "index.mjs.map"));
  writeFileSync(join(folder, "settings.json"), JSON.stringify(options.settings));
  const began = Date.now();
  const running = startSupervised({
    folder,
    programs: [
      {
        name: "function",
        file: process.execPath,
        args: [script, "index.handler"],
        environment: lambdaEnvironment(options, folder, api.address),
      },
    ],
  });
  const stop = async () => {
    await api.stop();
    await running.stop();
  };
  try {
    await Promise.race([api.ready, running.failure, tooLate(initPatienceMilliseconds, running.logs)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    invoke: (payload) =>
      Promise.race([api.invoke(payload, options.timeoutMilliseconds ?? 30_000), running.failure]),
    initMilliseconds: Date.now() - began,
    lines: () =>
      readFileSync(join(folder, "function.log"), "utf8")
        .split("\n")
        .filter((it) => it !== ""),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** As Lambda sets it, see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html. */
function lambdaEnvironment(
  options: FunctionOptions,
  folder: string,
  runtimeApi: string,
): Readonly<Record<string, string>> {
  const ofThisMachine = Object.keys(process.env).filter((it) =>
    /^(AWS_|NODE_|npm_|JEST_|HTTPS?_PROXY$|https?_proxy$)/.test(it),
  );
  return {
    ...Object.fromEntries(ofThisMachine.map((it) => [it, ""])),
    PATH: dirname(process.execPath),
    TZ: ":UTC",
    NODE_OPTIONS: "--enable-source-maps",
    _HANDLER: "index.handler",
    LAMBDA_TASK_ROOT: folder,
    SETTINGS_FILE: join(folder, "settings.json"),
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: options.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_LEVEL: "TRACE",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${options.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: randomUUID(),
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    ...options.environment,
  };
}

function tooLate(milliseconds: number, logs: () => string): Promise<never> {
  return new Promise((_resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the runtime did not start in ${milliseconds} ms\n${logs()}`)),
      milliseconds,
    );
    timer.unref();
  });
}
