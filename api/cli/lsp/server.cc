// SPDX-License-Identifier: Apache-2.0
#include "api/cli/lsp/server.h"

#include <algorithm>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/lsp/positions.h"
#include "api/cli/lsp/requests.h"
#include "api/cli/lsp/shapes.h"
#include "api/cli/lsp/workspace.h"

namespace vozex::cli::lsp {

using nlohmann::json;

class Server::Session {
 public:
  Session(Options options, Send send) : options_(std::move(options)), send_(std::move(send)) {}

  void receive(std::string_view body) {
    const json message = json::parse(body, nullptr, false);
    if (message.is_discarded()) {
      error(nullptr, k_parse_error, "the message is not JSON");
      return;
    }
    if (!message.is_object() || !message.contains("method") || !message["method"].is_string()) {
      const bool answer = message.is_object() && !message.contains("method") &&
                          (message.contains("result") || message.contains("error"));
      if (!answer) error(id_of(message), k_invalid_request, "expected a request or a notification");
      return;
    }
    const std::string method = message["method"].get<std::string>();
    const json params = message.value("params", json::object());
    if (message.contains("id")) {
      request(id_of(message), method, params);
    } else {
      notify(method, params);
    }
  }

  void settle() {
    unsettled_ = false;
    for (const auto& [path, document] : workspace_.documents()) publish(path, document);
  }

  void error(const json& id, int code, const std::string& message) {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}});
  }

  bool unsettled() const { return unsettled_; }
  bool finished() const { return finished_; }
  int exit_code() const { return shut_down_ ? k_ok : k_findings; }

 private:
  void send(const json& message) {
    send_(message.dump(-1, ' ', false, json::error_handler_t::replace));
  }

  static json id_of(const json& message) {
    if (!message.is_object() || !message.contains("id")) return nullptr;
    const json& id = message["id"];
    return id.is_number_integer() || id.is_string() ? id : json(nullptr);
  }

  // --- requests ---------------------------------------------------------------------------------

  void request(const json& id, const std::string& method, const json& params) {
    try {
      send({{"jsonrpc", "2.0"}, {"id", id}, {"result", answer(method, params)}});
    } catch (const Refusal& refusal) {
      error(id, refusal.code, refusal.message);
    } catch (const json::exception& wrong) {
      error(id, k_invalid_params, std::string("wrong params: ") + wrong.what());
    }
  }

  json answer(const std::string& method, const json& params) {
    if (method == "initialize") return initialize(params);
    if (!initialized_) throw Refusal{k_not_initialized, "`initialize` comes first"};
    if (shut_down_) throw Refusal{k_invalid_request, "the server has been shut down"};
    if (method == "shutdown") {
      shut_down_ = true;
      return nullptr;
    }
    return requests_.answer(method, params);
  }

  json initialize(const json& params) {
    if (initialized_) throw Refusal{k_invalid_request, "`initialize` comes once"};
    initialized_ = true;
    const json pointer = params.value("capabilities", json::object());
    const auto path = "/textDocument/completion/completionItem/snippetSupport"_json_pointer;
    requests_.use_snippets(pointer.is_object() && pointer.contains(path) &&
                           pointer.at(path) == true);
    return {{"capabilities",
             {{"positionEncoding", "utf-16"},
              {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", true}}},
              {"completionProvider", {{"triggerCharacters", {".", "{", "'", "<", " "}}}},
              {"hoverProvider", true},
              {"definitionProvider", true},
              {"documentSymbolProvider", true},
              {"documentFormattingProvider", true},
              {"renameProvider", {{"prepareProvider", true}}}}},
            {"serverInfo", {{"name", "vozex"}, {"version", options_.version}}}};
  }

  // --- notifications ----------------------------------------------------------------------------

  void notify(const std::string& method, const json& params) {
    if (method == "exit") {
      finished_ = true;
      return;
    }
    if (!initialized_ || shut_down_) return;
    try {
      if (method == "textDocument/didOpen") open(params.at("textDocument"));
      if (method == "textDocument/didChange") change(params);
      if (method == "textDocument/didClose") close(params);
      if (method == "textDocument/didSave" || method == "workspace/didChangeWatchedFiles") {
        workspace_.forget_disk();
        unsettled_ = true;
      }
    } catch (const json::exception& wrong) {
      complain(method + ": wrong params: " + wrong.what());
    } catch (const Refusal& refusal) {
      complain(method + ": " + refusal.message);
    }
  }

  void complain(const std::string& message) {
    send({{"jsonrpc", "2.0"},
          {"method", "window/logMessage"},
          {"params", {{"type", 1}, {"message", message}}}});
  }

  void open(const json& item) {
    OpenDocument document;
    document.uri = item.at("uri").get<std::string>();
    document.text = item.at("text").get<std::string>();
    document.version = item.value("version", std::int64_t{0});
    const auto path = path_of(document.uri);
    if (!path) return;  // another scheme: nothing is known of its surroundings
    if (!workspace_.open(*path, std::move(document)))
      throw Refusal{k_request_failed,
                    "more than " + std::to_string(k_max_open_documents) + " open documents"};
    unsettled_ = true;
  }

  void change(const json& params) {
    OpenDocument* document = workspace_.edit(open_path(workspace_, params));
    for (const json& change : params.at("contentChanges")) {
      const std::string text = change.at("text").get<std::string>();
      if (!change.contains("range")) {
        document->text = text;
        continue;
      }
      const Positions positions(document->text);
      const std::size_t begin = positions.offset(position_of(change["range"].at("start")));
      const std::size_t end = positions.offset(position_of(change["range"].at("end")));
      document->text.replace(begin, std::max(begin, end) - begin, text);
    }
    document->version = params.at("textDocument").value("version", document->version);
    unsettled_ = true;
  }

  void close(const json& params) {
    const std::string path = open_path(workspace_, params);
    const std::string uri = workspace_.documents().at(path).uri;
    workspace_.close(path);
    send_diagnostics(uri, json::array(), std::nullopt);
    unsettled_ = true;
  }

  // --- mistakes ---------------------------------------------------------------------------------

  void publish(const std::string& path, const OpenDocument& document) {
    json found = json::array();
    const Positions positions(document.text);
    const auto book = workspace_.book(path);
    if (book->find(path)) {
      for (const Diagnostic& one : book->diagnostics()) {
        if (one.file == path) found.push_back(diagnostic_json(one, positions, options_.docs_url));
      }
    }
    send_diagnostics(document.uri, std::move(found), document.version);
  }

  void send_diagnostics(const std::string& uri, json found, std::optional<std::int64_t> version) {
    json params = {{"uri", uri}, {"diagnostics", std::move(found)}};
    if (version) params["version"] = *version;
    std::string& told = told_[uri];
    const std::string text = params.dump(-1, ' ', false, json::error_handler_t::replace);
    if (told == text) return;
    told = text;
    if (!version) told_.erase(uri);
    send({{"jsonrpc", "2.0"},
          {"method", "textDocument/publishDiagnostics"},
          {"params", std::move(params)}});
  }

  Options options_;
  Send send_;
  Workspace workspace_;
  Requests requests_{workspace_};
  std::map<std::string, std::string> told_;  // the last diagnostics, by uri
  bool initialized_ = false;
  bool shut_down_ = false;
  bool finished_ = false;
  bool unsettled_ = false;
};

Server::Server(Options options, Send send)
    : session_(std::make_unique<Session>(std::move(options), std::move(send))) {}
Server::~Server() = default;

void Server::receive(std::string_view body) { session_->receive(body); }
void Server::refuse_long_message() {
  session_->error(nullptr, k_invalid_request, "the message is longer than 16 MiB");
}
bool Server::unsettled() const { return session_->unsettled(); }
void Server::settle() { session_->settle(); }
bool Server::finished() const { return session_->finished(); }
int Server::exit_code() const { return session_->exit_code(); }

}  // namespace vozex::cli::lsp
