// SPDX-License-Identifier: Apache-2.0
// The extension of examples/vscode without VS Code: its package is consistent, and the command it
// starts is a language server. Run by ctest (label editor):
//   node tests/editor/extension_test.mjs <vozex> <repository>
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';

const [vozex, repository] = process.argv.slice(2);
const folder = join(repository, 'examples/vscode');
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

assert.ok(existsSync(join(folder, manifest.main)), manifest.main);
for (const language of manifest.contributes.languages) {
  JSON.parse(readFileSync(join(folder, language.configuration), 'utf8'));
  assert.ok(manifest.activationEvents.includes(`onLanguage:${language.id}`), language.id);
}

// What extension.js takes from VS Code, and what it makes of it.
const settings = { command: vozex, docsUrl: '' };
const started = [];
const stand_ins = {
  vscode: { workspace: {
    getConfiguration: (section) => {
      assert.equal(section, 'vozex');
      return { get: (name, otherwise) => {
        assert.ok(`vozex.${name}` in manifest.contributes.configuration.properties, name);
        return settings[name] ?? otherwise;
      } };
    },
    createFileSystemWatcher: () => ({}) } },
  'vscode-languageclient/node': { LanguageClient: class {
    constructor(id, name, server, options) { started.push({ id, server, options }); }
    start() { return Promise.resolve(); }
    stop() { return Promise.resolve(); }
  } },
};
const load = Module._load;
Module._load = (name, ...rest) => {
  if (!(name in stand_ins)) return load(name, ...rest);
  const root = name.split('/')[0];
  assert.ok(root === 'vscode' || root in manifest.dependencies, `${name} is no dependency`);
  return stand_ins[name];
};
const extension = createRequire(join(folder, 'package.json'))(manifest.main);

await extension.activate();
settings.docsUrl = 'https://docs.example/errors';
await extension.activate();
await extension.deactivate();
assert.equal(started.length, 2);
assert.deepEqual(started[1].server.args, ['lsp', '--docs-url', settings.docsUrl]);

const frame = (message) => {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};
for (const { server } of started) {
  const run = spawnSync(server.command, server.args, { encoding: 'utf8', input:
    frame({ id: 1, method: 'initialize', params: { processId: null, rootUri: null, capabilities: {} } }) +
    frame({ method: 'initialized', params: {} }) +
    frame({ id: 2, method: 'shutdown' }) + frame({ method: 'exit' }) });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /"completionProvider"/);
}
console.log('the extension starts a language server');
