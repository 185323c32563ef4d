// Writes docs/licences.md: what is inside the program, and under which licence. With --check it writes nothing and fails
// where the file is not what it would write. Fails on a licence that is not in the list below, and on a text it does not know.
//
// Reads the Go module cache and the lock files of the pages, and asks nobody. What only builds and tests Herald is not in the
// program and not in the list.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const top = resolve(import.meta.dirname, "../..");
const file = join(top, "docs/licences.md");

/** Licences that ask for no more than their text being kept. */
const allowed = new Set(["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "PSF-2.0", "MPL-2.0 OR Apache-2.0"]);

const texts = [
  ["GPL", /GNU (?:AFFERO |LESSER )?GENERAL PUBLIC LICENSE/],
  ["Apache-2.0", /Apache License\s+Version 2\.0/],
  ["MIT", /Permission is hereby granted, free of charge, to any person obtaining a copy/],
  ["ISC", /Permission to use, copy, modify, and(?:\/or)? distribute this software/],
  ["BSD-3-Clause", /Redistribution and use in source and binary forms[\s\S]*(?:Neither the name|names? of (?:its|the) (?:contributors|author))/],
  ["BSD-2-Clause", /Redistribution and use in source and binary forms/],
  ["MPL-2.0", /Mozilla Public License,? (?:Version|v\.) ?2\.0/i],
];

function licenceOf(dir) {
  const files = readdirSync(dir).filter((f) => /^(licen[cs]e|copying)([-.]\w+)*$/i.test(f) && !/third/i.test(f));
  const found = new Set();
  for (const f of files) {
    const text = readFileSync(join(dir, f), "utf8").replace(/\s+/g, " ");
    const match = texts.find(([, form]) => form.test(text));
    if (match) found.add(match[0]);
  }
  return [...found].sort().join(" AND ") || "unknown";
}

function goModules() {
  const out = execFileSync("go", ["list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "."], {
    cwd: top,
    encoding: "utf8",
    env: { ...process.env, GOOS: "linux", GOARCH: "amd64", CGO_ENABLED: "0" },
    maxBuffer: 64 << 20,
  });
  return [...new Set(out.split("\n").filter(Boolean))].map((line) => {
    const [name, version, dir] = line.split("\t");
    return { name, version, licence: licenceOf(dir) };
  });
}

function npmPackages(page) {
  const lock = JSON.parse(readFileSync(join(top, page, "package-lock.json"), "utf8"));
  return Object.entries(lock.packages)
    .filter(([path, p]) => path !== "" && !p.dev && !p.devOptional)
    .map(([path, p]) => ({ name: path.replace(/^.*node_modules\//, ""), version: p.version, licence: (p.license ?? "unknown").replace(/^\((.*)\)$/, "$1") }));
}

const go = { name: "Go standard library", version: "", licence: "BSD-3-Clause" };
const parts = [
  ["The program", [go, ...goModules()]],
  ["The tab's page", npmPackages("tab/web")],
  ["The sandbox's page", npmPackages("infra/sandbox/web")],
];

let text = `# Licences

What is inside the program \`herald\`, written by \`make licences\`; \`make lint\` checks that it is current and that nothing asks for more than
${[...allowed].join(", ")}. Herald itself is under the [MIT licence](../LICENSE).
`;
const bad = [];
for (const [title, list] of parts) {
  const rows = [...new Map(list.map((p) => [`${p.name} ${p.version}`, p])).values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  text += `\n## ${title}\n\n| part | version | licence |\n| --- | --- | --- |\n`;
  for (const p of rows) {
    text += `| ${p.name} | ${p.version} | ${p.licence} |\n`;
    if (!p.licence.split(" AND ").every((l) => allowed.has(l)) && !allowed.has(p.licence)) bad.push(`${p.name} ${p.version}: ${p.licence}`);
  }
}

if (bad.length > 0) {
  console.error(`licences that are not allowed, or not known:\n  ${bad.join("\n  ")}`);
  process.exit(1);
}
if (process.argv.includes("--check")) {
  let was = "";
  try {
    was = readFileSync(file, "utf8");
  } catch {
    // none yet: not current either
  }
  if (was !== text) {
    console.error("docs/licences.md is not what the program is made of: run make licences and commit it");
    process.exit(1);
  }
} else {
  writeFileSync(file, text);
}
