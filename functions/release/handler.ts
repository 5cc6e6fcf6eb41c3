/** The break-glass Lambda function, with its own role and permission. */
import { compose } from "../shared/compose.ts";
import { shell } from "../shared/shell.ts";
import { versioned } from "../shared/versioned.ts";
import { answerRelease } from "./answer-release.ts";

const ports = compose();

export const handler = shell({
  name: "release",
  level: ports.settings.logLevel,
  handle: async (event, invocation) => versioned(await answerRelease(event, ports, invocation)),
});
