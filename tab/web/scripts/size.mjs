// Fails when what the browser must load before the first page appears exceeds 200 kB gzip.
// The entry and everything it imports statically count; editor, preview and pickers are lazy.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 200_000;
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const files = new Set();

function add(key) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const dependency of chunk.imports ?? []) add(dependency);
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) add(key);

let total = 0;
for (const file of files) {
  const size = gzipSync(readFileSync(`dist/${file}`)).length;
  total += size;
  console.log(`${String(size).padStart(8)}  ${file}`);
}
console.log(`${String(total).padStart(8)}  first load, gzip (limit ${limit})`);
if (files.size === 0 || total > limit) process.exit(1);
