// SPDX-License-Identifier: Apache-2.0
//
// The language server: messages in, messages out (Language Server Protocol 3.17 over JSON-RPC 2.0).
// Knows no streams and no clock: whoever drives it hands in each message, and calls settle() when
// the editor has been quiet for a moment; only then mistakes are looked for. What is known about
// files comes from engine/lab/editor. Whatever comes in, it answers with an error at worst. Thread
// rule: one thread. Tests: tests/unit/cli/lsp_test.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace vozex::cli::lsp {

struct Options {
  std::string version;
  std::string docs_url;  // where the pages of docs/errors are published; "" when nowhere
};

class Server {
 public:
  using Send = std::function<void(const std::string& body)>;
  Server(Options options, Send send);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void receive(std::string_view body);
  // A message was longer than the bound and has been thrown away.
  void refuse_long_message();
  // Something has changed since the mistakes were last told.
  bool unsettled() const;
  void settle();
  // After `exit`, or the end of the input.
  bool finished() const;
  // 0 when the editor said `shutdown` first.
  int exit_code() const;

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace vozex::cli::lsp
