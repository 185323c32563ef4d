import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const binary = resolve(import.meta.dirname, process.env.HERALD_BIN ?? "../../herald");

/** Only ends a test that hangs. */
const startTimeout = 180_000;

/** One running process of the real binary; what it wrote is kept for a test that fails. */
export class Program {
  readonly log: string[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(env: Record<string, string>, ...args: string[]) {
    this.child = spawn(binary, args, {
      // Nothing of the developer's own settings may reach a test.
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.ended = new Promise((done) => {
      this.child.once("exit", done);
      this.child.once("error", (error) => {
        this.log.push(String(error));
        done(error);
      });
    });
  }

  /** Resolves with the first group of each pattern, in their order, when each has matched a line of the log. */
  async says(...patterns: RegExp[]): Promise<string[]> {
    const found = new Map<RegExp, string>();
    const { stderr } = this.child;
    if (!stderr) throw new Error("the log of the program is not read");
    const lines = createInterface({ input: stderr });
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        new Promise<string[]>((done) => {
          lines.on("line", (line) => {
            this.log.push(line);
            for (const pattern of patterns) {
              const group = pattern.exec(line)?.[1];
              if (group) found.set(pattern, group);
            }
            if (found.size === patterns.length) done(patterns.map((pattern) => found.get(pattern) ?? ""));
          });
        }),
        this.ended.then(() => {
          throw new Error(`${binary} ended:\n${this.log.join("\n")}`);
        }),
        new Promise<never>((_, fail) => {
          timer = setTimeout(() => {
            fail(new Error(`${binary} does not listen:\n${this.log.join("\n")}`));
          }, startTimeout);
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends exactly this process at once, as a power cut would. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined) {
      this.child.kill("SIGKILL");
      if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    }
  }
}
