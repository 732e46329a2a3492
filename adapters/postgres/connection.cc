// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "adapters/postgres/conninfo.h"
#include "adapters/postgres/failure.h"

namespace vozex::postgres {
namespace {

// Beyond the statement_timeout of conninfo.cc: then the server is gone or frozen, not slow.
constexpr int k_answer_timeout_ms = 20'000;
constexpr int k_for_ever = -1;
constexpr int k_binary = 1;

void be_silent(void*, const pg_result*) {}

bool failed(const pg_result* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& url, Profile profile) {
  auto settings = connection_settings(url, profile);
  if (!settings) return Failure(settings.error());
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : *settings) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<Connection> connection(
      new Connection(PQconnectdbParams(names.data(), values.data(), 0), profile));
  pg_conn* raw = connection->connection_;
  if (PQstatus(raw) != CONNECTION_OK) return lost_connection(raw, false);
  PQsetNoticeReceiver(raw, be_silent, nullptr);
  PQsetnonblocking(raw, 1);
  if (auto learnt = connection->learn_backend(); !learnt) {
    // Nothing of the caller's was sent yet.
    Error error = learnt.error();
    error.kind = ErrorClass::unavailable;
    return Failure(std::move(error));
  }
  return connection;
}

Connection::~Connection() { PQfinish(connection_); }

bool Connection::is_usable() const { return PQstatus(connection_) == CONNECTION_OK; }

Result<void> Connection::learn_backend() {
  auto rows = run("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()");
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return lost_connection(connection_, false);
  backend_ = {rows->number<std::int32_t>(0, 0), rows->time(0, 1)};
  return {};
}

Result<void> Connection::wait(bool for_write, const char* doing) {
  pollfd file{};
  file.fd = PQsocket(connection_);
  file.events = static_cast<short>(for_write ? POLLIN | POLLOUT : POLLIN);
  const int timeout = profile_ == Profile::setup ? k_for_ever : k_answer_timeout_ms;
  int ready = 0;
  do {
    ready = poll(&file, 1, timeout);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return no_answer(doing);
  return {};
}

Result<void> Connection::flush() {
  for (;;) {
    const int left = PQflush(connection_);
    if (left == 0) return {};
    if (left < 0) return lost_connection(connection_, true);
    if (auto ready = wait(true, "sending"); !ready) return ready;
    // The server may itself be stuck writing to us: read what is there, or both wait for ever.
    if (PQconsumeInput(connection_) == 0) return lost_connection(connection_, true);
  }
}

Result<pg_result*> Connection::receive(const char* doing) {
  while (PQisBusy(connection_) != 0) {
    if (auto ready = wait(false, doing); !ready) return Failure(ready.error());
    if (PQconsumeInput(connection_) == 0) return lost_connection(connection_, true);
  }
  return PQgetResult(connection_);
}

Result<Rows> Connection::run(const char* sql, const Params& params) {
  auto all = run_all({{sql, &params}});
  if (!all) return Failure(all.error());
  return std::move(all->front());
}

Result<void> Connection::send(const Query& query) {
  const Params& params = *query.params;
  const auto count = static_cast<int>(params.size());
  auto known = prepared_.find(std::string_view(query.sql));
  if (known == prepared_.end()) {
    // A new name each time: a preparation that was lost on the way may have reached the server.
    std::string name = "s" + std::to_string(++last_name_);
    if (PQsendPrepare(connection_, name.c_str(), query.sql, count, params.types().data()) == 0) {
      return lost_connection(connection_, true);
    }
    known = prepared_.emplace(query.sql, std::move(name)).first;
    commands_.push_back({Command::prepare, query.sql});
  }
  const std::vector<const char*> values = params.values();
  const std::vector<int> formats(params.size(), k_binary);
  const int sent = PQsendQueryPrepared(connection_,
                                       known->second.c_str(),
                                       count,
                                       values.data(),
                                       params.lengths().data(),
                                       formats.data(),
                                       k_binary);
  if (sent == 0) return lost_connection(connection_, true);
  commands_.push_back({Command::execute, query.sql});
  return {};
}

// Each command has one result, followed by a null.
Result<Rows> Connection::result_of(const Command& command) {
  auto result = receive(command.sql);
  if (!result) return Failure(result.error());
  Rows rows(*result);
  if (*result == nullptr) return lost_connection(connection_, true);
  auto end = receive(command.sql);
  if (!end) return Failure(end.error());
  const ExecStatusType status = PQresultStatus(*result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return rows;
  if (status == PGRES_FATAL_ERROR && PQresultErrorField(*result, PG_DIAG_SQLSTATE) != nullptr) {
    return server_failure(*result, command.sql);
  }
  return lost_connection(connection_, true);
}

Result<std::vector<Rows>> Connection::collect() {
  std::vector<Rows> all;
  std::optional<Error> first_error;
  for (const Command& command : commands_) {
    auto rows = result_of(command);
    if (!rows) {
      // What follows a failed command is answered "aborted".
      if (!first_error) first_error = rows.error();
      prepared_.erase(std::string(command.sql));
      if (!is_usable()) return Failure(*first_error);
    } else if (command.kind == Command::execute) {
      all.push_back(std::move(*rows));
    }
  }
  auto sync = receive("synchronising");
  if (!sync) return Failure(first_error ? *first_error : sync.error());
  const bool in_step = PQresultStatus(*sync) == PGRES_PIPELINE_SYNC;
  PQclear(*sync);
  if (first_error) return Failure(*first_error);
  if (!in_step) return lost_connection(connection_, true);
  return all;
}

Result<std::vector<Rows>> Connection::run_all(const std::vector<Query>& queries) {
  if (!is_usable()) return lost_connection(connection_, false);
  if (PQenterPipelineMode(connection_) == 0) return lost_connection(connection_, false);
  commands_.clear();
  for (const Query& query : queries) {
    if (auto sent = send(query); !sent) return Failure(sent.error());
  }
  if (PQpipelineSync(connection_) == 0) return lost_connection(connection_, true);
  if (auto flushed = flush(); !flushed) return Failure(flushed.error());
  auto all = collect();
  if (is_usable()) PQexitPipelineMode(connection_);
  return all;
}

Result<std::vector<Rows>> Connection::run_all_in_transaction(std::vector<Query> queries) {
  const Params none;
  queries.insert(queries.begin(), Query{"BEGIN", &none});
  queries.push_back({"COMMIT", &none});
  auto all = run_all(queries);
  if (!all) {
    if (is_usable()) static_cast<void>(execute("ROLLBACK"));
    return all;
  }
  all->erase(all->begin());
  all->pop_back();
  return all;
}

Result<void> Connection::execute(const std::string& script) {
  if (!is_usable()) return lost_connection(connection_, false);
  if (PQsendQuery(connection_, script.c_str()) == 0) return lost_connection(connection_, true);
  if (auto flushed = flush(); !flushed) return flushed;
  std::optional<Error> first_error;
  for (;;) {
    auto result = receive("running a script");
    if (!result) return Failure(result.error());
    if (*result == nullptr) break;
    const Rows owner(*result);
    if (!failed(*result) || first_error) continue;
    const bool from_server = PQresultErrorField(*result, PG_DIAG_SQLSTATE) != nullptr;
    first_error = from_server ? server_failure(*result, "running a script").value()
                              : lost_connection(connection_, true).value();
  }
  if (first_error) return Failure(*first_error);
  if (!is_usable()) return lost_connection(connection_, true);
  return {};
}

}  // namespace vozex::postgres
