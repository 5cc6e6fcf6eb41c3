/**
 * Milliseconds that this thread has computed since the last call of the answer: what the work costs, whatever else the machine does.
 * Equal to the time on the clock where nothing else runs and nothing is waited for.
 */
export function ownTime(): () => number {
  let before = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
}
