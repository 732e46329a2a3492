// SPDX-License-Identifier: Apache-2.0
// The language server on standard input and output: reads, and when the editor pauses, looks for
// mistakes.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/lsp/frames.h"
#include "api/cli/lsp/server.h"
#include "api/cli/output.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

constexpr int k_quiet_ms = 100;  // mistakes are looked for after this long without a message

struct Asked {
  std::string docs_url;
  bool stdio = false;
};

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Waits for input, or until the editor is quiet; then says what is wrong. False at the end of
// input.
bool take_input(lsp::FrameReader& frames, lsp::Server& server) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const int ready = ::poll(&input, 1, server.unsettled() ? k_quiet_ms : -1);
  if (ready < 0) return errno == EINTR;
  if (ready == 0) {
    server.settle();
    return true;
  }
  std::array<char, 64 * 1024> bytes{};
  const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0) return errno == EINTR;
  if (count == 0) return false;
  frames.feed({bytes.data(), static_cast<std::size_t>(count)});
  return true;
}

int serve_editor(const lsp::Options& options) {
  bool heard = true;
  lsp::Server server(
      options, [&](const std::string& body) { heard = heard && write_all(lsp::frame(body)); });
  lsp::FrameReader frames;
  while (heard && take_input(frames, server)) {
    while (auto message = frames.next()) {
      if (message->too_long) {
        server.refuse_long_message();
      } else {
        server.receive(message->body);
      }
      if (server.finished()) return server.exit_code();
    }
    if (frames.broken()) {
      say("error: expected messages of the Language Server Protocol: `vozex lsp` is for editors, "
          "see "
          "docs/editors.md");
      return k_usage;
    }
  }
  return server.exit_code();
}

}  // namespace

void add_lsp(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "lsp",
      "The language server: editors start it and talk to it over standard input and output\n\n"
      "  docs/editors.md says how, for VS Code, Neovim and others\n");
  auto asked = std::make_shared<Asked>();
  command->add_option(
      "--docs-url", asked->docs_url, "where the pages of docs/errors are published");
  command->add_flag(
      "--stdio", asked->stdio, "standard input and output: the only way, and assumed");
  command->callback([&program, asked] {
    program.exit_code = serve_editor({program.composition.version, asked->docs_url});
  });
}

}  // namespace vozex::cli
