// SPDX-License-Identifier: Apache-2.0
//
// PrivateServer: a PostgreSQL cluster of a test's own, which it may stop, crash and promote. Made
// by initdb in a folder below /tmp, reached through 127.0.0.1; run by the user `postgres` when the
// test is root, because PostgreSQL refuses root. Gone with this object. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace vozex::api_test {

// Whether PostgreSQL's programs are here; `why` says what is missing.
bool has_private_servers(std::string& why);

class PrivateServer {
 public:
  // Settings are lines of postgresql.conf; `programs` is a folder with PostgreSQL's programs, if
  // not the usual ones. Throws when it doesn't start.
  explicit PrivateServer(const std::vector<std::string>& settings = {},
                         const std::string& programs = {});
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  // A copy that follows this server (pg_basebackup, streaming); its name for
  // synchronous_standby_names is "standby". Throws when it doesn't start.
  std::unique_ptr<PrivateServer> standby() const;

  // Of the database `name`, as a user who is no superuser and owns it; made at first use.
  std::string url(const std::string& name = "shop");
  // Of a database of the same name and user on any of several servers, whichever takes writes.
  static std::string url_of_any(const std::vector<PrivateServer*>& servers);

  // `mode` is that of pg_ctl: fast, immediate.
  bool restart(const std::string& mode);
  bool stop(const std::string& mode);
  bool promote();
  // SIGKILL to all of its processes; start_again() on the same port.
  void kill();
  bool start_again();
  // As superuser, in database `postgres`, or in `database`. Throws what the server says.
  void execute(const std::string& sql, const std::string& database = "postgres") const;
  long number(const std::string& sql, const std::string& database = "postgres") const;
  std::string text(const std::string& sql, const std::string& database = "postgres") const;
  int port() const { return port_; }
  std::string log() const;

 private:
  struct Empty {};
  PrivateServer(Empty, std::string programs);
  bool run(std::vector<std::string> words) const;
  bool start();
  bool start_at_port();
  std::string super_url(const std::string& database) const;

  const std::string programs_;
  std::string folder_;
  int port_ = 0;
  bool has_database_ = false;
};

}  // namespace vozex::api_test
