// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/failure.h"

#include <libpq-fe.h>

namespace vozex::postgres {
namespace {

constexpr const char* k_sqlstate = "sqlstate";
constexpr const char* k_missing_partition = "missing_partition";

struct Meaning {
  ErrorClass kind;
  const char* code;
  const char* advice;
};

Meaning meaning_of(std::string_view state) {
  const std::string_view family = state.substr(0, 2);
  // Shut down, crashed or terminated: whether the commit came first nobody says.
  if (family == "08" || state.substr(0, 3) == "57P") {
    return {ErrorClass::outcome_unknown, "store_lost", "the connection to the database was lost"};
  }
  if (family == "22" || family == "23") {
    return {ErrorClass::constraint, "store_constraint", "the database refused the row"};
  }
  if (family == "53") {
    return {
        ErrorClass::unavailable, "store_full", "the database has no room: see its disk and limits"};
  }
  if (family == "28" || family == "3D") {
    return {ErrorClass::unavailable, "store_login", "check user, password and database of the URL"};
  }
  if (family == "40" || state == "55P03" || family == "VZ") {
    return {ErrorClass::unavailable, "store_busy", "others hold the rows: try again"};
  }
  if (state == "25006") {
    return {ErrorClass::unavailable,
            "store_read_only",
            "the server is a standby: name the primary, too"};
  }
  if (family == "XX") {
    return {ErrorClass::corrupt, "store_corrupt", "restore the database from a back-up"};
  }
  if (family == "42" || family == "0A") {
    return {ErrorClass::corrupt, "store_schema", "the tables are not those of this program"};
  }
  return {ErrorClass::unavailable, "store_error", "see the log of the database"};
}

std::string field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

std::string without_newline(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// What libpq says of a lost connection, which Citus passes on as an internal error; and what it
// says itself before it gives up a commit.
bool is_loss(std::string_view text) {
  for (const char* words : {"server closed the connection",
                            "invalid socket",
                            "could not receive data from server",
                            "could not send data to server",
                            "no connection to the server",
                            "SSL SYSCALL error",
                            "failure on connection marked as essential",
                            "failed to prepare transaction"}) {
    if (text.find(words) != std::string_view::npos) return true;
  }
  return false;
}

// What a coordinator of Citus passes on of what it met on a node, as an error and not as its own
// end. Then the transaction was rolled back; but for a COMMIT on one node that was sent and not
// answered. Its own end is an internal error, too, when it noticed it while it waited for a node:
// adaptive_executor.c, "postmaster was shut down".
Meaning meaning_of(const pg_result* result, std::string_view state) {
  const bool goes_on = field(result, PG_DIAG_SEVERITY_NONLOCALIZED) == "ERROR";
  const std::string text = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (text.starts_with("could not commit transaction for shard")) {
    return {ErrorClass::outcome_unknown, "store_lost", "a node was lost while it committed"};
  }
  if (text.starts_with("postmaster was shut down")) return meaning_of("57P01");
  const bool is_lost = state.substr(0, 2) == "08" || state.substr(0, 3) == "57P" ||
                       (state == "XX000" && is_loss(text));
  if (goes_on && is_lost) {
    return {ErrorClass::unavailable, "store_node", "a node of the database is away: try again"};
  }
  return meaning_of(state);
}

}  // namespace

Failure server_failure(const pg_result* result, std::string_view doing) {
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  const Meaning meaning = meaning_of(result, state);
  const std::string message = "PostgreSQL: " + field(result, PG_DIAG_MESSAGE_PRIMARY) + " (" +
                              state + "): " + meaning.advice;
  Error error{meaning.kind, meaning.code, message, {}};
  error.details.push_back({k_sqlstate, state});
  error.details.push_back({"doing", std::string(doing)});
  // A check violation without a constraint is what PostgreSQL says when no partition takes a row.
  if (state == "23514" && field(result, PG_DIAG_CONSTRAINT_NAME).empty()) {
    error.details.push_back({k_missing_partition, field(result, PG_DIAG_TABLE_NAME)});
  }
  return Failure(std::move(error));
}

Failure lost_connection(const pg_conn* connection, bool sent) {
  const std::string message = "PostgreSQL: " + without_newline(PQerrorMessage(connection));
  return fail(sent ? ErrorClass::outcome_unknown : ErrorClass::unavailable, "store_lost", message);
}

Failure no_answer(std::string_view doing) {
  return fail(ErrorClass::outcome_unknown,
              "store_silent",
              "PostgreSQL did not answer in time: " + std::string(doing));
}

Failure pool_busy(std::size_t connections) {
  return fail(ErrorClass::unavailable,
              "store_busy",
              "all " + std::to_string(connections) +
                  " connections for queries are in use: the database is slow, try again");
}

std::string sqlstate_of(const Error& error) {
  for (const ErrorDetail& detail : error.details) {
    if (detail.name == k_sqlstate) return detail.text;
  }
  return {};
}

bool is_race(const Error& error) {
  const std::string state = sqlstate_of(error);
  return state == "40001" || state == "40P01" || state == "55P03" || state == "VZ001" ||
         state == "23505";
}

bool is_lock_timeout(const Error& error) { return sqlstate_of(error) == "55P03"; }

bool is_standby(const Error& error) { return sqlstate_of(error) == "25006"; }

bool is_missing_partition(const Error& error) {
  for (const ErrorDetail& detail : error.details) {
    if (detail.name == k_missing_partition) return true;
  }
  return false;
}

}  // namespace vozex::postgres
