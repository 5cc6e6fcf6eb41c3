/** The Lambda function that reconciles: SQS batches of events, the schedule, and people. */
import { compose } from "../shared/compose.ts";
import { createReconcileHandler } from "./create-handler.ts";

export const handler = createReconcileHandler(compose());
