// A reporter for node's test runner that leaves one JSON object: how many passed, and the names of those that failed.
import path from "node:path";

export default async function* tally(events) {
  let passed = 0;
  const failed = [];
  for await (const { type, data } of events) {
    // A file is reported as a test around its tests, unless it failed before it had any.
    const isFile = data?.name === data?.file || data?.name?.endsWith(".test.mjs");
    if (type === "test:pass" && !isFile) {
      if (data.skip !== undefined || data.todo !== undefined) failed.push(`journey ${data.name} (skipped)`);
      else passed += 1;
    }
    if (type === "test:fail" && (!isFile || data.details?.error?.failureType !== "subtestsFailed")) {
      failed.push(`journey ${isFile ? path.basename(data.name) : data.name}`);
    }
  }
  yield JSON.stringify({ passed, failed });
}
