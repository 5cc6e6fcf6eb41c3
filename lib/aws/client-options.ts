import type { SigningCredentials } from "./sign-eks-token.ts";

/** How every client of the AWS SDK is made. Endpoints of tests come by the SDK's own `AWS_ENDPOINT_URL_*` variables. */
export type AwsOptions = {
  readonly region: string;
  /** Of the AWS configuration files; undefined: `AWS_PROFILE`, or none. */
  readonly profile?: string;
  /** Undefined: the SDK's own chain (environment, profile, container, instance). */
  readonly credentials?: () => Promise<SigningCredentials>;
};

/** Milliseconds. A run must fail inside its budget: two tries of this fit into the 30 s of `docs/needs.md`, scenario 23. */
const CONNECT_MILLISECONDS = 3_000;
const ANSWER_MILLISECONDS = 6_000;

export function clientOptions(options: AwsOptions) {
  return {
    region: options.region,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECT_MILLISECONDS, requestTimeout: ANSWER_MILLISECONDS },
  };
}

/**
 * Makes something at its first use, once: a cold start makes only the SDK clients that it needs. (They are imported
 * statically all the same: a bundler keeps everything of a package that is imported at run time.)
 */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}
