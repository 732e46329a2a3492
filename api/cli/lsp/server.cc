// SPDX-License-Identifier: Apache-2.0
#include "api/cli/lsp/server.h"

#include <algorithm>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/lsp/positions.h"
#include "api/cli/lsp/workspace.h"
#include "engine/lab/editor/answers.h"
#include "engine/language/format.h"

namespace vozex::cli::lsp {
namespace {

using nlohmann::json;
namespace editor = lab::editor;

constexpr int k_parse_error = -32700;
constexpr int k_invalid_request = -32600;
constexpr int k_method_not_found = -32601;
constexpr int k_invalid_params = -32602;
constexpr int k_not_initialized = -32002;
constexpr int k_request_failed = -32803;

// An answer that is an error, thrown and caught in this file.
struct Refusal {
  int code;
  std::string message;
};

json position_json(const Position& position) {
  return {{"line", position.line}, {"character", position.character}};
}

json range_json(std::string_view text, std::size_t begin, std::size_t end) {
  const Positions positions(text);
  return {{"start", position_json(positions.position(begin))},
          {"end", position_json(positions.position(end))}};
}

Position position_of(const json& value) {
  return {value.at("line").get<std::size_t>(), value.at("character").get<std::size_t>()};
}

int completion_kind(editor::ItemKind kind) {
  switch (kind) {
    case editor::ItemKind::key: return 10;       // Property
    case editor::ItemKind::word: return 12;      // Value
    case editor::ItemKind::state: return 20;     // EnumMember
    case editor::ItemKind::event: return 23;     // Event
    case editor::ItemKind::type: return 22;      // Struct
    case editor::ItemKind::operation: return 2;  // Method
    case editor::ItemKind::field: return 5;      // Field
    case editor::ItemKind::function: return 3;   // Function
    case editor::ItemKind::name: return 6;       // Variable
  }
  return 1;
}

int symbol_kind(editor::Kind kind) {
  switch (kind) {
    case editor::Kind::workflow:
    case editor::Kind::types_file:
    case editor::Kind::adapter: return 2;  // Module
    case editor::Kind::state: return 5;    // Class
    case editor::Kind::event: return 24;   // Event
    case editor::Kind::type: return 23;    // Struct
    case editor::Kind::operation:
    case editor::Kind::action: return 6;  // Method
    case editor::Kind::policy:
    case editor::Kind::status: return 14;  // Constant
    case editor::Kind::data:
    case editor::Kind::input:
    case editor::Kind::config: return 8;  // Field
    case editor::Kind::alias:
    case editor::Kind::invoke: return 13;  // Variable
  }
  return 13;
}

// A snippet's own characters are escaped; `$0` stays.
std::string snippet(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool cursor = text.compare(i, 2, "$0") == 0;
    if (!cursor && (text[i] == '$' || text[i] == '}' || text[i] == '\\')) out += '\\';
    out += text[i];
  }
  return out;
}

}  // namespace

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
    if (method == "textDocument/completion") return completion(place(params));
    if (method == "textDocument/hover") return hover(place(params));
    if (method == "textDocument/definition") return definition(place(params));
    if (method == "textDocument/prepareRename") return prepare_rename(place(params));
    if (method == "textDocument/rename")
      return rename(place(params), params.at("newName").get<std::string>());
    if (method == "textDocument/documentSymbol") return document_symbols(params);
    if (method == "textDocument/formatting") return formatting(params);
    throw Refusal{k_method_not_found, "no method `" + method + "`"};
  }

  json initialize(const json& params) {
    if (initialized_) throw Refusal{k_invalid_request, "`initialize` comes once"};
    initialized_ = true;
    const json pointer = params.value("capabilities", json::object());
    const auto path = "/textDocument/completion/completionItem/snippetSupport"_json_pointer;
    snippets_ = pointer.is_object() && pointer.contains(path) && pointer.at(path) == true;
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

  // A place in an open document.
  struct Place {
    std::shared_ptr<const editor::Book> book;
    std::size_t file = 0;
    std::size_t offset = 0;
    bool ours = false;

    const std::string& text() const { return book->files()[file].text; }
  };

  std::string open_path(const json& params) const {
    const auto path = path_of(params.at("textDocument").at("uri").get<std::string>());
    if (!path || !workspace_.documents().contains(*path))
      throw Refusal{k_invalid_params, "the document is not open"};
    return *path;
  }

  Place place(const json& params) {
    const std::string path = open_path(params);
    Place place;
    place.book = workspace_.book(path);
    const auto file = place.book->find(path);
    place.ours = file.has_value();
    if (!file) return place;
    place.file = *file;
    place.offset = Positions(place.text()).offset(position_of(params.at("position")));
    return place;
  }

  json completion(const Place& place) {
    json items = json::array();
    if (!place.ours) return items;
    const editor::Completion found = editor::complete(*place.book, place.file, place.offset);
    const json range = range_json(place.text(), found.begin, found.end);
    std::size_t order = 0;
    for (const editor::Item& item : found.items) {
      const bool has_cursor = item.insert.find("$0") != std::string::npos;
      std::string text = item.insert;
      if (has_cursor && snippets_) text = snippet(text);
      if (has_cursor && !snippets_) text.erase(text.find("$0"), 2);
      std::string sort = std::to_string(order++);
      sort.insert(0, 4 - std::min<std::size_t>(sort.size(), 4), '0');
      json one = {{"label", item.label},
                  {"kind", completion_kind(item.kind)},
                  {"sortText", sort},
                  {"insertTextFormat", has_cursor && snippets_ ? 2 : 1},
                  {"textEdit", {{"range", range}, {"newText", text}}}};
      if (!item.detail.empty()) one["detail"] = item.detail;
      if (!item.doc.empty()) one["documentation"] = item.doc;
      items.push_back(std::move(one));
    }
    return items;
  }

  json hover(const Place& place) {
    if (!place.ours) return nullptr;
    const auto found = editor::hover(*place.book, place.file, place.offset);
    if (!found) return nullptr;
    return {{"contents", {{"kind", "markdown"}, {"value", found->text}}},
            {"range", range_json(place.text(), found->begin, found->end)}};
  }

  json location_json(const editor::Book& book, const editor::Location& location) const {
    const editor::File& file = book.files()[location.file];
    return {{"uri", workspace_.uri(file.name)},
            {"range", range_json(file.text, location.begin, location.end)}};
  }

  json definition(const Place& place) {
    if (!place.ours) return nullptr;
    const auto found = editor::definition(*place.book, place.file, place.offset);
    return found ? location_json(*place.book, *found) : json(nullptr);
  }

  json prepare_rename(const Place& place) {
    if (!place.ours) return nullptr;
    const auto found = editor::renamable(*place.book, place.file, place.offset);
    return found ? range_json(place.text(), found->begin, found->end) : json(nullptr);
  }

  json rename(const Place& place, const std::string& name) {
    if (!place.ours) throw Refusal{k_request_failed, "this file is none of a lifecycle"};
    const auto edits = editor::rename(*place.book, place.file, place.offset, name);
    if (!edits) throw Refusal{k_request_failed, edits.error().message};
    json changes = json::object();
    for (const editor::Edit& edit : *edits) {
      const editor::File& file = place.book->files()[edit.place.file];
      changes[workspace_.uri(file.name)].push_back(
          {{"range", range_json(file.text, edit.place.begin, edit.place.end)},
           {"newText", edit.text}});
    }
    return {{"changes", std::move(changes)}};
  }

  json document_symbols(const json& params) {
    const std::string path = open_path(params);
    const auto book = workspace_.book(path);
    const auto file = book->find(path);
    json symbols = json::array();
    if (!file) return symbols;
    for (const editor::Symbol& symbol : book->symbols()) {
      if (symbol.file != *file) continue;
      const json range = range_json(book->files()[*file].text, symbol.begin, symbol.end);
      json one = {{"name", symbol.name},
                  {"kind", symbol_kind(symbol.kind)},
                  {"range", range},
                  {"selectionRange", range}};
      if (!symbol.detail.empty()) one["detail"] = symbol.detail;
      symbols.push_back(std::move(one));
    }
    return symbols;
  }

  json formatting(const json& params) {
    const std::string path = open_path(params);
    const std::string& text = workspace_.documents().at(path).text;
    std::vector<Diagnostic> found;
    const auto formatted = language::format_yaml({path, text}, found);
    if (!formatted)
      throw Refusal{k_request_failed, found.empty() ? "not YAML" : found.front().message};
    if (*formatted == text) return json::array();
    return {{{"range", range_json(text, 0, text.size())}, {"newText", *formatted}}};
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
    OpenDocument* document = workspace_.edit(open_path(params));
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
    const std::string path = open_path(params);
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
        if (one.file == path) found.push_back(diagnostic_json(one, positions));
      }
    }
    send_diagnostics(document.uri, std::move(found), document.version);
  }

  json diagnostic_json(const Diagnostic& one, const Positions& positions) const {
    const auto [begin, end] = positions.bytes(one.span);
    json diagnostic = {{"range",
                        {{"start", position_json(positions.position(begin))},
                         {"end", position_json(positions.position(end))}}},
                       {"severity", one.severity == Severity::error ? 1 : 2},
                       {"code", one.code},
                       {"source", "vozex"},
                       {"message", one.message + (one.hint.empty() ? "" : "\nhint: " + one.hint)}};
    if (!options_.docs_url.empty())
      diagnostic["codeDescription"] = {{"href", options_.docs_url + "/" + one.code + ".md"}};
    return diagnostic;
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
  std::map<std::string, std::string> told_;  // the last diagnostics, by uri
  bool initialized_ = false;
  bool shut_down_ = false;
  bool finished_ = false;
  bool unsettled_ = false;
  bool snippets_ = false;
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
