// SPDX-License-Identifier: Apache-2.0
// Starts `vozex lsp` and lets VS Code talk to it.
'use strict';

const { workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

function activate() {
  const settings = workspace.getConfiguration('vozex');
  const docsUrl = settings.get('docsUrl', '');
  const server = {
    command: settings.get('command', 'vozex'),
    args: docsUrl === '' ? ['lsp'] : ['lsp', '--docs-url', docsUrl],
  };
  const options = {
    documentSelector: [{ scheme: 'file', language: 'yaml' }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher('**/*.{yaml,yml}') },
  };
  client = new LanguageClient('vozex', 'VOZEX', server, options);
  return client.start();
}

function deactivate() {
  return client === undefined ? undefined : client.stop();
}

module.exports = { activate, deactivate };
