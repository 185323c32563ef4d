// Completes a package-lock.json with the platforms of Biome that the npm mirror at hand did not serve when
// "npm install" wrote the file; without them "npm ci" refuses it. They are optional and never installed here.
// Run after every "npm install": node infra/tools/lockfile.mjs tab/web/package-lock.json
import fs from "node:fs";

const platforms = {
  "darwin-arm64": ["darwin", "arm64"],
  "darwin-x64": ["darwin", "x64"],
  "linux-arm64": ["linux", "arm64", "glibc"],
  "linux-arm64-musl": ["linux", "arm64", "musl"],
  "linux-x64-musl": ["linux", "x64", "musl"],
  "win32-arm64": ["win32", "arm64"],
  "win32-x64": ["win32", "x64"],
};

const file = process.argv[2];
const lock = JSON.parse(fs.readFileSync(file, "utf8"));
const wanted = lock.packages["node_modules/@biomejs/biome"].optionalDependencies ?? {};
const here = lock.packages["node_modules/@biomejs/cli-linux-x64"];
for (const name of Object.keys(wanted)) {
  const id = name.replace("@biomejs/cli-", "");
  const [os, cpu, libc] = platforms[id] ?? id.split("-");
  lock.packages[`node_modules/${name}`] ??= {
    version: wanted[name],
    cpu: [cpu],
    dev: true,
    ...(libc ? { libc: [libc] } : {}),
    license: here.license,
    optional: true,
    os: [os],
    engines: here.engines,
  };
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
