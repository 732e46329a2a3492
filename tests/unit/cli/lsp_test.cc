// SPDX-License-Identifier: Apache-2.0
// The language server: the real program over a pipe, with the messages that editors send; then its
// pieces alone. What it knows about files: tests/unit/lab/editor_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "api/cli/lsp/frames.h"
#include "api/cli/lsp/positions.h"
#include "api/cli/lsp/server.h"

namespace vozex::cli::lsp {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* k_door = R"(vozex: 1
workflow: door
version: 1
key: input.name
input: {name: string}
states:
  shut: {on: {knock: open}}
  open: {type: final}
events:
  knock: {match: event.data.name, data: {name: string}}
)";

// An editor: starts the server, sends what it is told and reads what comes.
class Editor : public ::testing::Test {
 protected:
  Editor() {
    char path[] = "/tmp/vozex-lsp-test.XXXXXX";
    folder_ = ::mkdtemp(path);
  }
  ~Editor() override {
    close_input();
    if (child_ > 0) wait();
    if (from_ >= 0) ::close(from_);
    std::filesystem::remove_all(folder_);
  }

  void start() {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    ASSERT_EQ(::pipe(in.data()), 0);
    ASSERT_EQ(::pipe(out.data()), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      ::execl(
          VOZEX_BINARY, VOZEX_BINARY, "lsp", "--docs-url", "https://docs.example/errors", nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }

  void raw(const std::string& bytes) {
    ASSERT_EQ(::write(to_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void send(const json& message) { raw(frame(message.dump())); }
  void notify(const std::string& method, json params) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
  }

  // The next message; null at the end.
  json read() {
    while (true) {
      if (auto message = frames_.next()) return json::parse(message->body);
      std::array<char, 4096> bytes{};
      const ssize_t count = ::read(from_, bytes.data(), bytes.size());
      if (count <= 0) return nullptr;
      frames_.feed({bytes.data(), static_cast<std::size_t>(count)});
    }
  }
  json answer(const json& id) {
    while (true) {
      json message = read();
      if (message.is_null() || (message.contains("id") && message["id"] == id)) return message;
    }
  }
  json request(const std::string& method, json params) {
    const int id = ++last_id_;
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
    return answer(id);
  }
  json diagnostics_of(const std::string& name) {
    while (true) {
      json message = read();
      if (message.is_null()) return message;
      if (message.value("method", "") == "textDocument/publishDiagnostics" &&
          message["params"]["uri"] == uri(name)) {
        return message["params"];
      }
    }
  }

  std::string uri(const std::string& name) const { return uri_of(folder_ + "/" + name); }
  json document(const std::string& name) const { return {{"uri", uri(name)}}; }
  json at(const std::string& name, int line, int character) const {
    return {{"textDocument", document(name)},
            {"position", {{"line", line}, {"character", character}}}};
  }
  void initialize() {
    start();
    const json hello = request(
        "initialize",
        {{"processId", nullptr},
         {"rootUri", uri_of(folder_)},
         {"capabilities",
          {{"textDocument", {{"completion", {{"completionItem", {{"snippetSupport", true}}}}}}}}}});
    ASSERT_EQ(hello["result"]["serverInfo"]["name"], "vozex");
    notify("initialized", json::object());
  }
  void open(const std::string& name, const std::string& text) {
    notify("textDocument/didOpen",
           {{"textDocument",
             {{"uri", uri(name)}, {"languageId", "yaml"}, {"version", 1}, {"text", text}}}});
  }
  void change(const std::string& name, int version, json changes) {
    notify("textDocument/didChange",
           {{"textDocument", {{"uri", uri(name)}, {"version", version}}},
            {"contentChanges", std::move(changes)}});
  }
  static json edit(int line, int from, int to, const std::string& text) {
    return {{"range",
             {{"start", {{"line", line}, {"character", from}}},
              {"end", {{"line", line}, {"character", to}}}}},
            {"text", text}};
  }
  void file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  void close_input() {
    if (to_ >= 0) ::close(to_);
    to_ = -1;
  }
  int wait() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string folder_;
  pid_t child_ = -1;
  int to_ = -1;
  int from_ = -1;
  int last_id_ = 0;
  FrameReader frames_;
};

TEST_F(Editor, IsToldTheMistakesOfADocumentAndThatTheyAreGone) {
  initialize();
  open("door.yaml", k_door);
  EXPECT_EQ(diagnostics_of("door.yaml")["diagnostics"], json::array());
  change("door.yaml", 2, {edit(6, 21, 25, "opne")});
  const json params = diagnostics_of("door.yaml");
  EXPECT_EQ(params["version"], 2);
  ASSERT_EQ(params["diagnostics"].size(), 1U) << params;
  const json& mistake = params["diagnostics"][0];
  EXPECT_EQ(mistake["code"], "VZ0201");
  EXPECT_EQ(mistake["severity"], 1);
  EXPECT_EQ(mistake["codeDescription"]["href"], "https://docs.example/errors/VZ0201.md");
  EXPECT_EQ(mistake["range"]["start"], json({{"line", 6}, {"character", 21}}));
  EXPECT_EQ(mistake["range"]["end"], json({{"line", 6}, {"character", 25}}));
  EXPECT_THAT(mistake["message"].get<std::string>(), HasSubstr("hint: did you mean `open`?"));
  change("door.yaml", 3, {edit(6, 21, 25, "open")});
  EXPECT_EQ(diagnostics_of("door.yaml")["diagnostics"], json::array());
}

TEST_F(Editor, SeesTheFilesAroundAndTheTextsOfOtherDocuments) {
  file("mail.yaml", "vozex: 1\nadapter: mail\noperations: {send: {input: {to: string}}}\n");
  initialize();
  std::string text = k_door;
  text.insert(text.find("events:"),
              "  telling: {invoke: {call: mail.send, with: {to: x}, on_done: open}}\n");
  open("door.yaml", text);
  const json first = diagnostics_of("door.yaml");
  for (const json& one : first["diagnostics"]) EXPECT_NE(one["severity"], 1) << one;
  open("mail.yaml", "vozex: 1\nadapter: mail\noperations: {post: {input: {to: string}}}\n");
  const json then = diagnostics_of("door.yaml");
  const auto is_error = [](const json& one) { return one["severity"] == 1; };
  const json& found = then["diagnostics"];
  EXPECT_TRUE(std::any_of(found.begin(), found.end(), is_error)) << then;
}

TEST_F(Editor, CompletesHoversGoesRenamesAndFormats) {
  initialize();
  file("door.test.yaml",
       "workflow: door\nscenarios:\n  - name: a\n    steps: [{expect: {state: shut}}]\n");
  open("door.yaml", k_door);
  const json items = request("textDocument/completion", at("door.yaml", 6, 22))["result"];
  const auto has = [&](const char* label) {
    return std::any_of(
        items.begin(), items.end(), [&](const json& one) { return one["label"] == label; });
  };
  EXPECT_TRUE(has("open")) << items;
  EXPECT_TRUE(has("shut")) << items;
  const json hover = request("textDocument/hover", at("door.yaml", 6, 10))["result"];
  EXPECT_THAT(hover["contents"]["value"].get<std::string>(), HasSubstr("Transitions by event"));
  const json target = request("textDocument/definition", at("door.yaml", 6, 23))["result"];
  EXPECT_EQ(target["uri"], uri("door.yaml"));
  EXPECT_EQ(target["range"]["start"]["line"], 7);
  json asked = at("door.yaml", 6, 4);
  EXPECT_EQ(request("textDocument/prepareRename", asked)["result"]["end"]["character"], 6);
  asked["newName"] = "closed";
  const json changes = request("textDocument/rename", asked)["result"]["changes"];
  EXPECT_EQ(changes[uri("door.yaml")].size(), 1U) << changes;
  EXPECT_EQ(changes[uri("door.test.yaml")].size(), 1U) << changes;
  asked["newName"] = "no name";
  EXPECT_THAT(request("textDocument/rename", asked)["error"]["message"].get<std::string>(),
              HasSubstr("can't be a state's name"));
  const json symbols =
      request("textDocument/documentSymbol", {{"textDocument", document("door.yaml")}})["result"];
  EXPECT_GE(symbols.size(), 4U);
  change("door.yaml", 2, {edit(1, 9, 10, "    ")});
  const json edits =
      request("textDocument/formatting",
              {{"textDocument", document("door.yaml")}, {"options", json::object()}})["result"];
  ASSERT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits[0]["newText"], k_door);
}

TEST_F(Editor, CountsInUtf16) {
  initialize();
  std::string text = k_door;
  text.replace(text.find("  shut:"), 7, "  # \U0001F6AA ä\n  shut:");
  open("door.yaml", text);
  diagnostics_of("door.yaml");
  // A door is two units: behind it comes the blank.
  change("door.yaml", 2, {edit(6, 6, 8, " - ")});
  change("door.yaml", 3, {edit(7, 21, 25, "opne")});
  const json params = diagnostics_of("door.yaml");
  ASSERT_EQ(params["diagnostics"].size(), 1U);
  EXPECT_EQ(params["diagnostics"][0]["range"]["start"], json({{"line", 7}, {"character", 21}}));
}

TEST_F(Editor, ShutsDownWhenAskedTo) {
  initialize();
  EXPECT_EQ(request("shutdown", nullptr)["result"], nullptr);
  EXPECT_EQ(request("textDocument/hover", at("door.yaml", 0, 0))["error"]["code"], -32600);
  notify("exit", nullptr);
  EXPECT_EQ(wait(), 0);
}

TEST_F(Editor, EndsWithAnErrorWhenItsEditorDies) {
  initialize();
  close_input();
  EXPECT_EQ(wait(), 1);
}

TEST_F(Editor, SurvivesWhateverComes) {
  start();
  EXPECT_EQ(request("textDocument/hover", json::object())["error"]["code"], -32002);
  raw(frame("{"));
  EXPECT_EQ(answer(nullptr)["error"]["code"], -32700);
  raw(frame("[1, 2]"));
  EXPECT_EQ(answer(nullptr)["error"]["code"], -32600);
  raw(frame(std::string(100'000, '[')));
  EXPECT_EQ(answer(nullptr)["error"]["code"], -32700);
  EXPECT_EQ(request("initialize", json::object())["error"], nullptr);
  EXPECT_EQ(request("initialize", json::object())["error"]["code"], -32600);
  EXPECT_EQ(request("workspace/unheardOf", json::object())["error"]["code"], -32601);
  EXPECT_EQ(request("textDocument/hover", {{"textDocument", 5}})["error"]["code"], -32602);
  EXPECT_EQ(request("textDocument/hover", at("closed.yaml", 0, 0))["error"]["code"], -32602);
  notify("textDocument/didOpen", "nonsense");
  EXPECT_EQ(read()["method"], "window/logMessage");
  raw(frame("{\"jsonrpc\": \"2.0\", \"id\": 7, \"method\": \"\xFF\"}"));
  EXPECT_EQ(answer(nullptr)["error"]["code"], -32700);
  open("door.yaml", std::string(k_door));
  EXPECT_EQ(request("textDocument/hover", at("door.yaml", 99999, 99999))["error"], nullptr);
  change("door.yaml", 2, {edit(99999, 5, 2, "x: [")});
  EXPECT_FALSE(diagnostics_of("door.yaml")["diagnostics"].empty());
  raw("Content-Length: 999999999999999999999999\r\n\r\n");
  EXPECT_EQ(wait(), 2);
}

TEST_F(Editor, LeavesFilesAloneThatAreNotOurs) {
  initialize();
  open("compose.yaml", "services:\n  web: {image: nginx}\n");
  EXPECT_EQ(diagnostics_of("compose.yaml")["diagnostics"], json::array());
  EXPECT_EQ(request("textDocument/completion", at("compose.yaml", 0, 2))["result"], json::array());
}

// --- frames --------------------------------------------------------------------------------------

TEST(LspFrames, ComeInPiecesOfAnySize) {
  const std::string bytes = frame("{\"a\": 1}") + "content-length:  2\r\nContent-Type: x\r\n\r\n{}";
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    FrameReader reader;
    std::vector<std::string> bodies;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      reader.feed(std::string_view(bytes).substr(at, size));
      while (auto message = reader.next()) bodies.push_back(message->body);
    }
    EXPECT_EQ(bodies, (std::vector<std::string>{"{\"a\": 1}", "{}"})) << size;
  }
}

TEST(LspFrames, ThrowsAwayWhatIsTooLongAndGoesOn) {
  FrameReader reader;
  reader.feed("Content-Length: " + std::to_string(k_max_message_bytes + 5) + "\r\n\r\nabc");
  const auto message = reader.next();
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(message->too_long);
  for (std::size_t left = k_max_message_bytes + 2; left > 0;) {
    const std::size_t size = std::min<std::size_t>(left, 1u << 20);
    reader.feed(std::string(size, 'x'));
    left -= size;
  }
  reader.feed(frame("{}"));
  const auto next = reader.next();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "{}");
}

TEST(LspFrames, AreBrokenByOtherText) {
  for (const std::string& text : {std::string("GET / HTTP/1.1\r\n\r\n"),
                                  std::string(5000, 'x'),
                                  std::string("Content-Length: -1\r\n\r\n")}) {
    FrameReader reader;
    reader.feed(text);
    EXPECT_FALSE(reader.next().has_value());
    EXPECT_TRUE(reader.broken()) << text.substr(0, 20);
  }
}

TEST(LspPositions, GoThereAndBack) {
  const std::string text = "aä\U0001F6AAb\r\n\nc";
  const Positions positions(text);
  for (const auto& [position, offset] :
       std::vector<std::pair<Position, std::size_t>>{{{0, 0}, 0},
                                                     {{0, 1}, 1},
                                                     {{0, 2}, 3},
                                                     {{0, 4}, 7},
                                                     {{0, 5}, 8},
                                                     {{1, 0}, 10},
                                                     {{2, 1}, 12}}) {
    EXPECT_EQ(positions.offset(position), offset);
    EXPECT_EQ(positions.position(offset), position) << offset;
  }
  EXPECT_EQ(positions.offset({0, 99}), 8U);
  EXPECT_EQ(positions.offset({99, 0}), text.size());
  EXPECT_EQ(positions.bytes({1, 2, 2}), (std::pair<std::size_t, std::size_t>{1, 7}));
}

TEST(LspPositions, UrisKeepTheirNames) {
  EXPECT_EQ(path_of("file:///a%20b/%C3%A4.yaml"), "/a b/ä.yaml");
  EXPECT_EQ(uri_of("/a b/ä.yaml"), "file:///a%20b/%C3%A4.yaml");
  EXPECT_EQ(path_of("untitled:1"), std::nullopt);
  EXPECT_EQ(path_of("file:///a%00b"), std::nullopt);
}

}  // namespace
}  // namespace vozex::cli::lsp
