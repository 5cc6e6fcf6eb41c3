/**
 * Owns a control plane, tells where it is, and then waits to be killed: for the test that nothing survives its owner.
 *
 *     node owner-process.ts   prints {"supervisorId":…,"folder":…,"url":…}
 */
import { startControlPlane } from "../../control-plane/control-plane.ts";

const { supervisorId, folder, url } = await startControlPlane({ definitions: "none" });
process.stdout.write(`${JSON.stringify({ supervisorId, folder, url })}\n`);
setInterval(() => undefined, 60_000);
