// SPDX-License-Identifier: Apache-2.0
#include "tests/api/town.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <pqxx/pqxx>
#include <stdexcept>

#include "adapters/http/standard_webhooks.h"

namespace vozex::api_test {
namespace {

std::string postgres_server() {
  const char* url = std::getenv("VOZEX_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

std::string with_database(const std::string& url, const std::string& name) {
  const std::size_t question = url.find('?');
  const std::size_t slash = url.rfind('/', question);
  return url.substr(0, slash + 1) + name +
         (question == std::string::npos ? "" : url.substr(question));
}

void on_server(const std::string& sql) {
  pqxx::connection connection(postgres_server());
  pqxx::nontransaction work(connection);
  work.exec(sql);
}

long sqlite_count(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  long value = -1;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    sqlite3_busy_timeout(database, 5000);
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
      value = static_cast<long>(sqlite3_column_int64(statement, 0));
    }
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return value;
}

std::string address() { return "127.0.0.1:" + std::to_string(free_port()); }

// The shipped ones, but a question about an unknown outcome needn't wait as long as a gateway may
// be at work: the sandbox does its work at once.
void copy_workflows(const std::string& to) {
  std::filesystem::copy(
      VOZEX_SOURCE_DIR "/workflows", to, std::filesystem::copy_options::recursive);
  const std::string path = to + "/adapters/payments.yaml";
  std::string text = read_text(path);
  const std::string patient = "ask_after: 30s";
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(patient, at)) != std::string::npos; ++found)
    text.replace(at, patient.size(), "ask_after: 1s ");
  if (found == 0) throw std::runtime_error(path + " has no `" + patient + "`");
  write_text(path, text);
}

}  // namespace

std::string name_of(Kind kind) { return kind == Kind::sqlite ? "sqlite" : "postgres"; }
bool is_available(Kind kind) { return kind == Kind::sqlite || !postgres_server().empty(); }

Database::Database(Kind kind, const TemporaryFolder& folder) : kind_(kind) {
  if (kind == Kind::sqlite) {
    name_ = folder / "vozex.db";
    url_ = "sqlite://" + name_;
    return;
  }
  static std::atomic<int> next{0};
  name_ = "vozex_api_" + std::to_string(::getpid()) + "_" + std::to_string(next++);
  on_server("CREATE DATABASE " + name_);
  url_ = with_database(postgres_server(), name_);
}

Database::Database(std::string url) : kind_(Kind::postgres), url_(std::move(url)) {
  constexpr std::string_view k_sqlite = "sqlite://";
  if (!url_.starts_with(k_sqlite)) return;
  kind_ = Kind::sqlite;
  name_ = url_.substr(k_sqlite.size());
}

Database::~Database() {
  if (kind_ == Kind::sqlite || name_.empty()) return;
  try {
    on_server("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The server may be gone by now, with all its databases.
  }
}

long Database::count(const std::string& sql) const {
  if (kind_ == Kind::sqlite) return sqlite_count(name_, sql);
  pqxx::connection connection(url_);
  pqxx::nontransaction work(connection);
  return work.exec(sql)[0][0].as<long>();
}

void Database::cut_connections() const {
  on_server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name_ +
            "'");
}

Town::Town(Kind kind, std::vector<std::string> serve_arguments, std::size_t servers)
    : database_(std::make_unique<Database>(kind, folder_)),
      more_arguments_(std::move(serve_arguments)) {
  open(servers);
}

Town::Town(const std::string& store, std::vector<std::string> serve_arguments, std::size_t servers)
    : database_(std::make_unique<Database>(store)), more_arguments_(std::move(serve_arguments)) {
  open(servers);
}

// One after the other: the first makes the tables and the signing key.
void Town::open(std::size_t servers) {
  std::string artefact;
  for (int i = 0; i < 30'000; ++i) artefact += static_cast<char>('a' + i % 23);
  write_text(folder_ / "artifacts/editor.zip", artefact);
  copy_workflows(folder_ / "workflows");
  for (std::size_t i = 0; i < servers; ++i) servers_.push_back({address(), nullptr});
  sandbox_listen_ = address();
  start_sandbox();
  for (std::size_t i = 0; i < servers; ++i) {
    start_server(i);
    if (!wait_until_ready(i)) {
      throw std::runtime_error("the server does not start:\n" + server_log());
    }
  }
}

std::vector<std::string> Town::serve_arguments(std::size_t number) const {
  std::vector<std::string> arguments = {"serve",
                                        "--listen",
                                        servers_[number].listen,
                                        "--store",
                                        database_->url(),
                                        "--workflows",
                                        folder_ / "workflows",
                                        "--state",
                                        folder_ / "state",
                                        "--artifacts",
                                        folder_ / "artifacts",
                                        "--api-key",
                                        "shop=env:TEST_API_KEY",
                                        "--dodo-key",
                                        "env:TEST_GATEWAY_KEY",
                                        "--dodo-webhook-secret",
                                        "env:TEST_WEBHOOK_SECRET",
                                        "--dodo-product",
                                        "prod_editor"};
  const std::string sandbox = "http://" + sandbox_listen_;
  for (const std::string& setting : {"stripe.base_url=" + sandbox + "/stripe",
                                     std::string("stripe.api_key=env:TEST_GATEWAY_KEY"),
                                     std::string("stripe.webhook_secrets=env:TEST_WEBHOOK_SECRET"),
                                     std::string("stripe.return_url=https://shop.example/"),
                                     "paypal.base_url=" + sandbox + "/paypal",
                                     std::string("paypal.client_id=env:TEST_GATEWAY_KEY"),
                                     std::string("paypal.client_secret=env:TEST_GATEWAY_KEY"),
                                     std::string("paypal.webhook_ids=WH-SANDBOX"),
                                     "paypal.certificate_origin=" + sandbox + "/paypal",
                                     "paypal.ca_file=" + (folder_ / "paypal-ca.pem"),
                                     std::string("paypal.return_url=https://shop.example/")})
    arguments.insert(arguments.end(), {"--gateway", setting});
  arguments.insert(arguments.end(), more_arguments_.begin(), more_arguments_.end());
  // The sandbox, where a test has no Dodo of its own.
  if (std::find(arguments.begin(), arguments.end(), "--dodo-url") == arguments.end())
    arguments.insert(arguments.end(), {"--dodo-url", "http://" + sandbox_listen_});
  return arguments;
}

std::map<std::string, std::string> Town::environment() const {
  return {{"TEST_API_KEY", key_},
          {"TEST_GATEWAY_KEY", gateway_key_},
          {"TEST_WEBHOOK_SECRET", webhook_secret_},
          {"VOZEX_SANDBOX_PAYPAL_CA", folder_ / "paypal-ca.pem"}};
}

void Town::start_server(std::size_t number) {
  servers_[number].process =
      std::make_unique<Process>(serve_arguments(number), environment(), folder_ / "server.log");
}

void Town::start_sandbox() {
  sandbox_ = std::make_unique<Process>(std::vector<std::string>{"sandbox",
                                                                "--listen",
                                                                sandbox_listen_,
                                                                "--webhook-url",
                                                                api("/webhooks/dodo"),
                                                                "--api-key",
                                                                "env:TEST_GATEWAY_KEY",
                                                                "--webhook-secret",
                                                                "env:TEST_WEBHOOK_SECRET"},
                                       environment(),
                                       folder_ / "sandbox.log");
  if (!eventually([&] { return ask("GET", sandbox("/sandbox/health")).status == 200; })) {
    throw std::runtime_error("the sandbox does not start:\n" + read_text(folder_ / "sandbox.log"));
  }
}

bool Town::wait_until_ready(std::size_t number) {
  Process& process = server(number);
  return eventually([&] {
           return !process.alive() || ask("GET", api("/readyz", number)).status == 200;
         }) &&
         process.alive();
}

Answer Town::get(const std::string& path, std::size_t server) const {
  return ask("GET", api(path, server), "", {"authorization: Bearer " + key_});
}

Answer Town::post(const std::string& path,
                  const json& body,
                  const Headers& more,
                  std::size_t server) const {
  Headers headers = {"authorization: Bearer " + key_, "content-type: application/json"};
  headers.insert(headers.end(), more.begin(), more.end());
  return ask("POST", api(path, server), body.dump(), headers);
}

Answer Town::checkout(const std::string& order_id,
                      int items,
                      std::size_t server,
                      const std::string& gateway) const {
  json body = {{"order_id", order_id},
               {"gateway", gateway},
               {"customer", {{"email", order_id + "@example.com"}}},
               {"items", json::array()}};
  for (int i = 0; i < items; ++i) {
    body["items"].push_back({{"product_id", "editor"},
                             {"title", "Text editor"},
                             {"driver", "license_download"},
                             {"price", {{"minor", 4900}, {"currency", "USD"}}},
                             {"config", {{"seats", i + 1}}}});
  }
  return post("/v1/checkouts", body, {}, server);
}

Answer Town::buyer(const std::string& checkout_url,
                   const std::string& does,
                   const json& body) const {
  const std::string session = checkout_url.substr(checkout_url.rfind('/') + 1);
  return ask("POST",
             sandbox("/sandbox/checkouts/" + session + "/" + does),
             body.dump(),
             {"content-type: application/json"});
}

json Town::instance(const std::string& workflow, const std::string& key) const {
  std::string segment = key;
  for (std::size_t at = 0; (at = segment.find('/', at)) != std::string::npos;)
    segment.replace(at, 1, "%2F");
  const Answer answer = get("/v1/instances/" + workflow + "/" + segment);
  return answer.status == 200 ? answer.value() : json::object();
}

std::string Town::state_of(const std::string& workflow, const std::string& key) const {
  return instance(workflow, key).value("state", "");
}

std::string Town::status_of(const std::string& workflow, const std::string& key) const {
  return instance(workflow, key).value("status", "");
}

bool Town::reaches(const std::string& workflow,
                   const std::string& key,
                   const std::string& state) const {
  return eventually([&] { return state_of(workflow, key) == state; });
}

Answer Town::webhook(const std::string& id, const json& body, std::chrono::seconds age) const {
  const std::string text = body.dump();
  const auto key = http::parse_webhook_secret(webhook_secret_);
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  Headers headers = {"content-type: application/json"};
  for (const auto& header : http::sign_webhook({*key}, id, now - age, text))
    headers.push_back(header.name + ": " + header.value);
  return ask("POST", api("/webhooks/dodo"), text, headers);
}

std::vector<json> Town::all(const std::string& path) const {
  std::vector<json> items;
  std::string after;
  for (;;) {
    const std::string separator = path.find('?') == std::string::npos ? "?" : "&";
    const json page =
        get(path + separator + "limit=200" + (after.empty() ? "" : "&after=" + after)).value();
    if (!page.contains("items"))
      throw std::runtime_error("no list at " + path + ": " + page.dump());
    for (const json& item : page["items"]) items.push_back(item);
    if (!page.contains("next")) return items;
    after = page["next"].is_string() ? page["next"].get<std::string>() : page["next"].dump();
  }
}

double Town::metric(const std::string& name, std::size_t server) const {
  const std::string text = "\n" + ask("GET", api("/metrics", server)).body;
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

}  // namespace vozex::api_test
