import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program } from "./Program.ts";
import { Sandbox } from "./Sandbox.ts";

const heraldListens = /Herald listens" address=http:\/\/(\S+)/;
const sandboxListens = /the sandbox listens".* page=http:\/\/(\S+)/;

/**
 * The real Herald and, in a process of its own, the cloud: Microsoft's lives on too when Herald is killed.
 * Both on free ports, with data folders that nobody else has.
 */
export class Herald {
  private program: Program | null = null;
  private readonly cloud: Program;
  private readonly folder: string;
  private readonly env: Record<string, string>;
  readonly sandbox: Sandbox;
  /** host:port */
  private address = "127.0.0.1:0";

  private constructor(cloud: Program, folder: string, sandbox: Sandbox, env: Record<string, string>) {
    this.cloud = cloud;
    this.folder = folder;
    this.sandbox = sandbox;
    this.env = env;
  }

  static async start(env: Record<string, string> = {}): Promise<Herald> {
    const folder = await mkdtemp(join(tmpdir(), "herald-browser-"));
    const cloud = new Program(
      { HERALD_SANDBOX_ADDR: "127.0.0.1:0", HERALD_DATA_DIR: join(folder, "cloud"), ...env },
      "sandbox",
    );
    const [page = ""] = await cloud.says(sandboxListens);
    const herald = new Herald(cloud, folder, new Sandbox(`http://${page}`), env);
    await herald.again();
    return herald;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  /** What both processes wrote. */
  get log(): string {
    return [...this.cloud.log, ...(this.program?.log ?? [])].join("\n");
  }

  /** Starts Herald on the same data, and after the first time on the same port. */
  async again(): Promise<void> {
    this.program = new Program({
      HERALD_ADDR: this.address,
      HERALD_SANDBOX_URL: this.sandbox.url,
      HERALD_DATA_DIR: join(this.folder, "data"),
      ...this.env,
    });
    const [address = ""] = await this.program.says(heraldListens);
    this.address = address;
    await this.sandbox.send("PUT", "/api/bot", { url: `${this.url}/api/messages`, tabUrl: `${this.url}/tab/` });
  }

  async kill(): Promise<void> {
    await this.program?.kill();
  }

  async end(): Promise<void> {
    await this.kill();
    await this.cloud.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
