// Builds dist/: one stylesheet, one script, one icon sprite, with the content hash in each name,
// gzip and brotli copies beside them, and manifest.json that maps plain names to hashed ones.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const root = path.resolve(import.meta.dirname, "..");
const dist = path.join(import.meta.dirname, "dist");
// Chromium 100 is what domestic browsers (360, QQ, UOS) of the last years are built on.
const target = ["chrome100", "safari15", "firefox100"];

/** Files under `folders` with one of the endings; `inside` must occur in the path. */
async function files(folders, ending, inside = "") {
  const found = [];
  for (const folder of folders) {
    const names = await readdir(path.join(root, folder), { recursive: true }).catch(() => []);
    for (const name of names) {
      if (name.endsWith(ending) && `/${name}`.includes(inside)) found.push(path.join(root, folder, name));
    }
  }
  return found.sort();
}

const houses = ["kernel", "engine", "domain", "solution", "bin"];
const pages = await files(houses, ".html", "/templates/");
const sources = await files(houses, ".rs", "/src/");

/** Tabler, cut down to the classes that some template, source or island names. */
async function tabler() {
  const css = await readFile(path.join(import.meta.dirname, "node_modules/@tabler/core/dist/css/tabler.css"), "utf8");
  const islands = await files(["assets/src"], ".ts");
  const [purged] = await new PurgeCSS().purge({
    content: [...pages, ...sources, ...islands],
    css: [{ raw: css }],
    variables: true,
    keyframes: true,
    // Values that only a class name put together at run time would show.
    safelist: { standard: ["show", "active", "disabled", "is-invalid", "is-valid"] },
  });
  return purged.css;
}

async function bundle(options) {
  const result = await esbuild.build({ bundle: true, minify: true, target, write: false, legalComments: "none", logLevel: "warning", ...options });
  return Buffer.from(result.outputFiles[0].contents);
}

async function stylesheet() {
  const purged = await tabler();
  const plugin = {
    name: "tabler",
    setup(build) {
      build.onResolve({ filter: /^tabler$/ }, () => ({ path: "tabler", namespace: "tabler" }));
      build.onLoad({ filter: /.*/, namespace: "tabler" }, () => ({ contents: purged, loader: "css" }));
    },
  };
  return bundle({ entryPoints: [path.join(import.meta.dirname, "styles/app.css")], plugins: [plugin] });
}

/** Icons named in icons.txt, and those that a template names in a call of the icon macro or filter. */
async function sprite() {
  const list = await readFile(path.join(import.meta.dirname, "icons.txt"), "utf8");
  const names = new Set(list.split(/\s+/).filter(Boolean));
  for (const page of pages) {
    const text = await readFile(page, "utf8");
    for (const found of text.matchAll(/icon\("([a-z0-9-]+)"\)|"([a-z0-9-]+)"\|(?:[a-z_]+::)*icon|icon="([a-z0-9-]+)"/g)) {
      names.add(found[1] ?? found[2] ?? found[3]);
    }
  }
  const symbols = [];
  for (const name of [...names].sort()) {
    const file = path.join(import.meta.dirname, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
    const svg = await readFile(file, "utf8").catch(() => {
      throw new Error(`图标 ${name} 不在 Tabler 图标集中`);
    });
    const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[\s\S]*?>/, "").replace("</svg>", "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").trim()}</symbol>`);
  }
  const attributes = 'xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return Buffer.from(`<svg ${attributes}>${symbols.join("")}</svg>`);
}

async function emit(manifest, name, contents) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 12);
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}.${hash}${ext}`;
  await writeFile(path.join(dist, file), contents);
  await writeFile(path.join(dist, `${file}.gz`), gzipSync(contents, { level: 9 }));
  await writeFile(path.join(dist, `${file}.br`), brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  manifest[name] = file;
  console.log(`${file}  ${(contents.length / 1024).toFixed(1)} kB, gzip ${(gzipSync(contents, { level: 9 }).length / 1024).toFixed(1)} kB`);
}

const outputs = [
  ["app.css", await stylesheet()],
  // In the head and not deferred, so that theme and mode are set before the first paint.
  ["early.js", await bundle({ entryPoints: [path.join(import.meta.dirname, "src/early.ts")], format: "iife" })],
  ["app.js", await bundle({ entryPoints: [path.join(import.meta.dirname, "src/app.ts")], format: "iife" })],
  ["icons.svg", await sprite()],
  ["favicon.svg", await readFile(path.join(import.meta.dirname, "favicon.svg"))],
];
// Written only now, so that a failed build leaves the last good one in place.
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const manifest = {};
for (const [name, contents] of outputs) await emit(manifest, name, contents);
await writeFile(path.join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
