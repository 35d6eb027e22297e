// Copies what the pages load from node_modules into static/vendor, and nothing else.
//
//   node_modules/<package>/<file>  ──▶  static/vendor/<name>      (ignored by git)
//
// No bundler and no post-install script: each file below is published by its package as
// one ready script. A missing file stops the copy, so an upgrade that moves a file is seen here
// and not by a customer.

import { copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const TARGET = join(HERE, "static", "vendor");

const ASSETS = [
  ["deep-chat/dist/deepChat.bundle.js", "deep-chat.js"],
  ["deep-chat/LICENSE", "deep-chat.LICENSE.txt"],
  ["@simplewebauthn/browser/dist/bundle/index.umd.min.js", "webauthn.js"],
  ["@simplewebauthn/browser/LICENSE.md", "webauthn.LICENSE.txt"],
];

mkdirSync(TARGET, { recursive: true });
for (const [source, name] of ASSETS) {
  const from = join(HERE, "node_modules", source);
  if (!existsSync(from)) {
    console.error(`missing: node_modules/${source} (run npm ci first)`);
    process.exit(1);
  }
  copyFileSync(from, join(TARGET, name));
  console.log(`${name}  ${Math.ceil(statSync(from).size / 1000)} kB`);
}
