// SPDX-License-Identifier: Apache-2.0
//
// Town: one or several `vozex serve` and a `vozex sandbox` as real processes on free ports, with a
// database and folders of their own, configured for every gateway of the sandbox; and the shop that
// buys there. The database is SQLite, or a new
// one on the server of VOZEX_TEST_POSTGRES, or the caller's. Webhooks go to server 0. Thread rule:
// starting and killing by one thread; buying by any.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/api/process.h"
#include "tests/api/web.h"

namespace vozex::api_test {

enum class Kind { sqlite, postgres };
std::string name_of(Kind kind);
// For test runners, which list parameters.
inline void PrintTo(Kind kind, std::ostream* out) { *out << name_of(kind); }
// PostgreSQL is tested when there is one.
bool is_available(Kind kind);

// A database of its own, dropped with this; or one of the caller's, known by its URL.
class Database {
 public:
  Database(Kind kind, const TemporaryFolder& folder);
  explicit Database(std::string url);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& url() const { return url_; }
  // One number out of the database; it may be in use.
  long count(const std::string& sql) const;
  // PostgreSQL only: cuts every connection to it.
  void cut_connections() const;

 private:
  Kind kind_;
  std::string url_;
  std::string name_;
};

class Town {
 public:
  explicit Town(Kind kind, std::vector<std::string> serve_arguments = {}, std::size_t servers = 1);
  // On a database of the caller's.
  Town(const std::string& store, std::vector<std::string> serve_arguments, std::size_t servers);

  void start_server(std::size_t number = 0);
  void start_sandbox();
  // Until /readyz answers; false when it doesn't.
  bool wait_until_ready(std::size_t number = 0);
  Process& server(std::size_t number = 0) { return *servers_[number].process; }
  std::size_t servers() const { return servers_.size(); }
  const Database& database() const { return *database_; }
  std::vector<std::string> serve_arguments(std::size_t number = 0) const;
  std::map<std::string, std::string> environment() const;
  const TemporaryFolder& folder() const { return folder_; }
  std::string server_log() const { return read_text(folder_ / "server.log"); }

  std::string api(const std::string& path, std::size_t server = 0) const {
    return "http://" + servers_[server].listen + path;
  }
  std::string sandbox(const std::string& path) const { return "http://" + sandbox_listen_ + path; }
  const std::string& key() const { return key_; }
  const std::string& webhook_secret() const { return webhook_secret_; }

  // With the key and JSON.
  Answer get(const std::string& path, std::size_t server = 0) const;
  Answer post(const std::string& path,
              const json& body,
              const Headers& more = {},
              std::size_t server = 0) const;

  // ---- the shop ----
  Answer checkout(const std::string& order_id,
                  int items = 1,
                  std::size_t server = 0,
                  const std::string& gateway = "dodo") const;
  // At the sandbox: what to do with the session of a checkout_url.
  Answer buyer(const std::string& checkout_url,
               const std::string& does,
               const json& body = json::object()) const;
  json instance(const std::string& workflow, const std::string& key) const;
  std::string state_of(const std::string& workflow, const std::string& key) const;
  std::string status_of(const std::string& workflow, const std::string& key) const;
  // Waits; false when it doesn't happen.
  bool reaches(const std::string& workflow, const std::string& key, const std::string& state) const;
  // A signed message of the gateway, as if it had sent it.
  Answer webhook(const std::string& id, const json& body, std::chrono::seconds age = {}) const;
  // Every page of a list.
  std::vector<json> all(const std::string& path) const;
  // A number out of /metrics; -1 when it isn't there.
  double metric(const std::string& name, std::size_t server = 0) const;

 private:
  struct Server {
    std::string listen;
    std::unique_ptr<Process> process;
  };
  void open(std::size_t servers);

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  std::vector<Server> servers_;
  std::string sandbox_listen_;
  std::string key_ = "test-key-that-is-long-enough";
  std::string gateway_key_ = "sk_test_gateway";
  std::string webhook_secret_ = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiB0aGUgYXBp";
  std::vector<std::string> more_arguments_;
  std::unique_ptr<Process> sandbox_;
};

}  // namespace vozex::api_test
