// SPDX-License-Identifier: Apache-2.0
// An ordinary YAML language server with the schema that `vozex schema` prints: it finds nothing wrong
// in the files of the project, finds planted mistakes, and completes and explains keys. Speaks the
// Language Server Protocol over a pipe, as editors do. Run by ctest (label editor):
//   node tests/editor/schema_test.mjs <vozex> <repository> <folder with node_modules>
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';

const [vozex, repository, modules] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'vozex-editor-'));

class Server {
  constructor(command, args) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.buffer = Buffer.alloc(0);
    this.next = 1;
    this.answers = new Map();
    this.diagnostics = new Map();
    this.child.stdout.on('data', (bytes) => this.take(bytes));
  }

  take(bytes) {
    this.buffer = Buffer.concat([this.buffer, bytes]);
    for (;;) {
      const end = this.buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.buffer.subarray(0, end).toString())[1]);
      if (this.buffer.length < end + 4 + length) return;
      const message = JSON.parse(this.buffer.subarray(end + 4, end + 4 + length).toString());
      this.buffer = this.buffer.subarray(end + 4 + length);
      this.handle(message);
    }
  }

  handle(message) {
    if (message.method === 'textDocument/publishDiagnostics') {
      const waiting = this.diagnostics.get(message.params.uri);
      if (waiting) waiting(message.params.diagnostics);
    } else if (message.method === 'workspace/configuration') {
      this.send({ id: message.id, result: message.params.items.map((item) => settings[item.section] ?? {}) });
    } else if (message.method && message.id !== undefined) {
      this.send({ id: message.id, result: null });
    } else if (this.answers.has(message.id)) {
      this.answers.get(message.id)(message);
      this.answers.delete(message.id);
    }
  }

  send(message) {
    const text = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.child.stdin.write(`Content-Length: ${text.length}\r\n\r\n`);
    this.child.stdin.write(text);
  }

  request(method, params) {
    const id = this.next++;
    this.send({ id, method, params });
    return new Promise((resolve) => this.answers.set(id, (answer) => {
      assert.equal(answer.error, undefined, `${method}: ${JSON.stringify(answer.error)}`);
      resolve(answer.result);
    }));
  }

  // Opens a text as a file of this name and gives what the server says about it.
  check(name, text, accept = () => true) {
    const uri = pathToFileURL(join(scratch, name)).href;
    const result = new Promise((resolve) =>
      this.diagnostics.set(uri, (found) => { if (accept(found)) resolve(found); }));
    this.send({ method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } });
    return result;
  }
}

function yamlFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : yamlFiles(path);
    return /\.ya?ml$/.test(entry.name) ? [path] : [];
  });
}

const shown = (diagnostics) => diagnostics.map((one) => `${one.range.start.line + 1}: ${one.message}`).join('\n');

const schema = join(scratch, 'vozex.schema.json');
writeFileSync(schema, execFileSync(vozex, ['schema']));

const settings = { yaml: { validate: true, completion: true, hover: true,
  schemaStore: { enable: false }, schemas: { [pathToFileURL(schema).href]: '*.yaml' } } };

const server = new Server(process.execPath,
  [join(modules, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio']);
await server.request('initialize', { processId: process.pid, rootUri: pathToFileURL(scratch).href,
  capabilities: { workspace: { configuration: true },
    textDocument: { completion: {}, hover: {} } } });
server.send({ method: 'initialized', params: {} });
server.send({ method: 'workspace/didChangeConfiguration', params: { settings } });
// It asks for its settings when it likes: from the first finding on it has the schema.
await server.check('first.yaml', 'vozex: 1\nworkflow: door\nversion: 1\nstates: {}\ncolour: red\n',
  (found) => found.length > 0);

let checked = 0;
for (const file of yamlFiles(join(repository, 'workflows'))) {
  const found = await server.check(`good-${checked++}.yaml`, readFileSync(file, 'utf8'));
  assert.deepEqual(found, [], `${file}:\n${shown(found)}`);
}
assert.ok(checked >= 9, `only ${checked} files below workflows`);

const workflow = (extra) => `vozex: 1\nworkflow: door\nversion: 1\n${extra}`;
const mistakes = {
  'an unknown key': [workflow('states:\n  open: {}\ncolour: red\n'), /colour/],
  'an unknown key of a state': [workflow('states:\n  open: {on_entrance: []}\n'), /on_entrance/],
  'a wrong word': [workflow('states:\n  shut: {type: final, outcome: brilliant}\n'), /completed/],
  'a wrong shape': [workflow('invariants: none\nstates: {open: {}}\n'), /array/],
  'a missing key': ['vozex: 1\nworkflow: door\nstates: {open: {}}\n', /version/],
  'a wrong word of an adapter': ['vozex: 1\nadapter: mail\noperations: {send: {repeat: sometimes}}\n', /by_key/],
  'an unknown key of shared types': ['vozex: 1\ntypes_of: shop\nstates: {}\n', /states/],
  'an unknown key of a test': ['workflow: door\nscenarios: [{name: a, stepz: []}]\n', /stepz/],
  'an unknown step': ['workflow: door\nscenarios: [{name: a, steps: [{wait: 5m}]}]\n', /wait/],
  'a wrong name': [workflow('states: {9lives: {}}\n'), /pattern|match/i],
};
let planted = 0;
for (const [what, [text, expected]] of Object.entries(mistakes)) {
  const found = await server.check(`bad-${planted++}.yaml`, text);
  assert.ok(found.some((one) => expected.test(one.message)), `${what} is not found:\n${shown(found)}`);
}

const text = workflow('states:\n  open:\n    o\n');
const uri = pathToFileURL(join(scratch, 'typing.yaml')).href;
await server.check('typing.yaml', text);
const offered = await server.request('textDocument/completion',
  { textDocument: { uri }, position: { line: 5, character: 5 } });
const labels = (offered.items ?? offered).map((item) => item.label);
for (const key of ['on', 'on_entry', 'on_exit', 'on_done'])
  assert.ok(labels.includes(key), `${key} is not offered: ${labels}`);
const hover = await server.request('textDocument/hover',
  { textDocument: { uri }, position: { line: 3, character: 2 } });
assert.match(JSON.stringify(hover.contents), /The states, by name/);

await server.request('shutdown', null);
server.send({ method: 'exit' });
await new Promise((resolve) => server.child.on('exit', resolve));
rmSync(scratch, { recursive: true });
console.log(`${checked} files are clean, ${planted} planted mistakes are found`);
