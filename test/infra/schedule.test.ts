import { describe, expect, test } from "@jest/globals";
import { intervalOf } from "../../infra/schedule.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

describe("the longest gap of a schedule", () => {
  test.each([
    ["rate(1 minute)", 60],
    ["rate(5 minutes)", 300],
    ["rate(2 hours)", 2 * HOUR],
    ["rate(1 day)", DAY],
    ["cron(0/5 * * * ? *)", 300],
    ["cron(*/5 * * * ? *)", 300],
    ["cron(7 * * * ? *)", HOUR],
    ["cron(0 8-18/2 * * ? *)", 14 * HOUR],
    ["cron(0,10,30 * * * ? *)", 1800],
    ["cron(0 6 ? * MON-FRI *)", 3 * DAY],
    ["cron(0 6 ? * 2 *)", 7 * DAY],
    ["cron(0 6 ? * L *)", 7 * DAY],
    ["cron(15 10 ? * 6L *)", 35 * DAY],
    ["cron(0 0 ? * 2#1 *)", 35 * DAY],
    ["cron(0 0 1 * ? *)", 31 * DAY],
    ["cron(0 0 L * ? *)", 31 * DAY],
    ["cron(0 0 LW * ? *)", 33 * DAY],
    ["cron(0 0 15W * ? *)", 32 * DAY],
    ["cron(0 0 1 JAN,JUL ? *)", 184 * DAY],
    ["cron(0 0 29 2 ? *)", undefined],
    ["cron(0 0 * * ? 2024)", undefined],
  ])("%s", (expression, seconds) => {
    expect(intervalOf(expression)).toEqual(
      seconds === undefined
        ? { ok: false, problem: "runs less than twice in 2027 and 2028" }
        : { ok: true, longestSeconds: seconds },
    );
  });

  test.each([
    ["cron(0 6 * * *)", "has six fields"],
    ["cron(0 6 * * * *)", "exactly one of day-of-month and day-of-week must be ?"],
    ["cron(0 6 ? * ? *)", "exactly one of day-of-month and day-of-week must be ?"],
    ["cron(60 * * * ? *)", 'cannot read the cron field "60"'],
    ["cron(0 24 * * ? *)", 'cannot read the cron field "24"'],
    ["cron(0 0 ? * MOON *)", 'cannot read the cron field "MOON"'],
    ["cron(5-1 * * * ? *)", 'cannot read the cron field "5-1"'],
    ["cron(0/0 * * * ? *)", 'cannot read the cron field "0/0"'],
    ["rate(1 minutes)", "AWS wants rate(1 minute)"],
    ["rate(5 minute)", "AWS wants rate(5 minutes)"],
    ["every now and then", "neither rate(...) nor cron(...)"],
  ])("%s is refused: %s", (expression, why) => {
    expect(intervalOf(expression)).toMatchObject({ ok: false, problem: expect.stringContaining(why) });
  });
});
