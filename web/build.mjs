// Builds what the browser gets: hashed files in build/static, and the manifest by which pages find them.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const statics = join(root, "build", "static");
const fonts = join(root, "build", "fonts");
const manifestPath = join(root, "chalicelib", "web", "manifest.json");

// Latin, its marks and the signs that the pages use; other scripts fall to the system's serif.
const LATIN = "U+20-7E,U+A0-17F,U+192,U+218-21B,U+2C6,U+2DA,U+2DC,U+2009-200A,U+2010-2015,U+2018-201E," +
  "U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+2122,U+2190-2193,U+2212,U+2215,U+FFFD";

// What statements are printed with: also Greek, Cyrillic, Hebrew, and Arabic with the forms of its letters.
const PRINTED = "U+20-52F,U+590-5FF,U+600-6FF,U+1E00-1FFF,U+2000-206F,U+20A0-20CF,U+2100-22FF,U+2580-25FF," +
  "U+FB00-FDFF,U+FE70-FEFF,U+FFFD";
const letters = join(root, "chalicelib", "earnings", "papers", "prints", "letters.ttf");

const FORGET_AFTER_MS = 3_600_000; // A page that is open keeps finding what it was built with.

const FEATURES = ["--layout-features=kern,liga,mark,mkmk,ccmp,locl,tnum,lnum,case"];
const FONTS = { "brygada-1918.woff2": "normal", "brygada-1918-italic.woff2": "italic" };

function cutFonts() {
  mkdirSync(fonts, { recursive: true });
  const python = process.env.PYTHON || join(root, ".venv", "bin", "python");
  for (const [name, slope] of Object.entries(FONTS)) {
    const whole = join(here, "node_modules/@fontsource-variable/brygada-1918/files",
      `brygada-1918-latin-wght-${slope}.woff2`);
    cutFont(python, whole, join(fonts, name), [...FEATURES, `--unicodes=${LATIN}`, "--flavor=woff2"]);
  }
  const sans = join(here, "node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
  cutFont(python, sans, letters, [`--unicodes=${PRINTED}`, "--layout-features=", "--no-hinting"]);
}

function cutFont(python, whole, cut, keep) {
  try {
    execFileSync(python, ["-m", "fontTools.subset", whole, ...keep, `--output-file=${cut}`], { stdio: "pipe" });
  } catch {
    console.error(`A font is kept uncut, some kilobytes larger: ${python} has no fonttools and brotli.`);
    copyFileSync(whole, cut);
  }
}

const shared = {
  absWorkingDir: here, bundle: true, minify: true, write: false, metafile: true, charset: "utf8",
  legalComments: "none", outdir: "out", publicPath: "/static", entryNames: "[name].[hash]",
  assetNames: "[name].[hash]", loader: { ".woff2": "file" }, alias: { fonts },
};

async function bundle() {
  const styles = await build({
    ...shared, entryPoints: { story: "src/style/story-sheet.css", site: "src/style/site-sheet.css" },
  });
  const scripts = await build({
    ...shared, format: "iife", target: "es2022",
    entryPoints: {
      read: "src/read.js", editor: "src/editor.js", picture: "src/picture.js", wait: "src/wait.js",
    },
  });
  return [...styles.outputFiles, ...scripts.outputFiles];
}

// brygada-1918.ABCDEFGH.woff2 is known to pages as brygada-1918.woff2.
const nameOf = (path) => basename(path).replace(/\.[0-9A-Z]{8}\./, ".");
const digest = (text) => createHash("sha256").update(text).digest("base64");

function keep(name, bytes, files) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  const hashed = name.replace(".", `.${hash}.`);
  writeFileSync(join(statics, hashed), bytes);
  files[name] = `/static/${hashed}`;
}

function writeAll(outputs) {
  mkdirSync(statics, { recursive: true });
  const files = {};
  let storyStyle = "";
  for (const { path, contents, text } of outputs) {
    if (nameOf(path) === "story.css") {
      storyStyle = text.trim();
      continue;
    }
    writeFileSync(join(statics, basename(path)), contents);
    files[nameOf(path)] = `/static/${basename(path)}`;
  }
  keep("mark.svg", readFileSync(join(here, "src/mark.svg")), files);
  return { files, story_style: storyStyle, story_style_hash: `sha256-${digest(storyStyle)}` };
}

function forgetOld(files) {
  const present = new Set(Object.values(files).map((address) => basename(address)));
  for (const name of readdirSync(statics)) {
    const path = join(statics, name);
    if (!present.has(name) && Date.now() - statSync(path).mtimeMs > FORGET_AFTER_MS) rmSync(path);
  }
}

cutFonts();
const manifest = writeAll(await bundle());
manifest.files = Object.fromEntries(Object.entries(manifest.files).sort());
mkdirSync(dirname(manifestPath), { recursive: true });
writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 1)}\n`);
forgetOld(manifest.files);
console.log(Object.values(manifest.files).join("\n"));
