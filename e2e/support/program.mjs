// The program under test: started on a free port with a fresh folder and the demonstration's data.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { out } from "./places.mjs";

const PATIENCE = 90_000;

export class Program {
  static async start() {
    const binary = process.env.TONGBAN_BIN;
    if (!binary || !existsSync(binary)) throw new Error(`TONGBAN_BIN names no program: ${binary ?? "not set"}`);
    const data = mkdtempSync(path.join(tmpdir(), "tongban-journey-"));
    const url = `http://127.0.0.1:${await freePort()}`;
    const listen = url.replace("http://", "");
    // A few hundred people fill several pages of a list; ten thousand would only take time.
    // All journeys come from one address.
    const free = ["--budget", "all=unlimited"];
    const options = ["serve", "--demo", "--people", "300", "--listen", listen, "--data", data, ...free];
    const child = spawn(path.resolve(binary), options, { stdio: ["ignore", "pipe", "pipe"] });
    const program = new Program(child, url, data, path.resolve(binary));
    await program.ready();
    return program;
  }

  constructor(child, url, data, binary) {
    Object.assign(this, { child, url, data, binary });
    mkdirSync(out, { recursive: true });
    const log = createWriteStream(path.join(out, `${path.basename(process.argv[1])}.log`));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.ended = new Promise((resolve) => child.once("exit", resolve));
    // Whatever ends this process ends the program too.
    process.once("exit", () => child.kill("SIGKILL"));
  }

  async ready() {
    const deadline = Date.now() + PATIENCE;
    while (Date.now() < deadline) {
      if (this.child.exitCode !== null) throw new Error(`the program ended at once with ${this.child.exitCode}; see e2e/out`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await this.stop();
    throw new Error(`/readyz does not answer within ${PATIENCE / 1000} s; see e2e/out`);
  }

  async stop() {
    this.child.kill("SIGTERM");
    const forced = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await this.ended;
    clearTimeout(forced);
    rmSync(this.data, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
