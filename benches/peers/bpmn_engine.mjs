// Runs the approval in memory with bpmn-engine and prints whole approvals a second.
import { createRequire } from "node:module";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";

const [folder, process_file] = process.argv.slice(2);
const { Engine } = createRequire(`${folder}/`)("bpmn-engine");
const source = readFileSync(process_file, "utf8");

async function approve() {
  const listener = new EventEmitter();
  let steps = 0;
  listener.on("activity.wait", (activity) => {
    steps += 1;
    activity.signal({ opinion: "同意" });
  });
  const engine = new Engine({ name: "approval", source });
  const ended = engine.waitFor("end");
  await engine.execute({ listener });
  await ended;
  if (steps !== 6) throw new Error(`${steps} steps`);
}

await approve();
let count = 0;
const begun = performance.now();
while (performance.now() - begun < 3000) {
  await approve();
  count += 1;
}
console.log((count * 1000) / (performance.now() - begun));
