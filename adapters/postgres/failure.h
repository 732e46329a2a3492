// SPDX-License-Identifier: Apache-2.0
//
// What SQLSTATEs and lost connections mean to a caller of the Store: every failure of this folder
// is made here. The SQLSTATE is kept as detail "sqlstate", so that the commit path can tell a key
// race from a full disk.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/result.h"

struct pg_conn;
struct pg_result;

namespace vozex::postgres {

// The server answered with an error: the statement changed nothing, except after class 08 and 57P,
// where the connection went down with it (outcome_unknown).
Failure server_failure(const pg_result* result, std::string_view doing);

// No answer: outcome_unknown when something had been sent, else unavailable.
Failure lost_connection(const pg_conn* connection, bool sent);
// The server didn't answer in time; the connection must be dropped. outcome_unknown.
Failure no_answer(std::string_view doing);

// Every connection of the pool is in use. unavailable.
Failure pool_busy(std::size_t connections);

// "" without.
std::string sqlstate_of(const Error& error);
// 40001, 40P01, 55P03, our VZ001, and 23505 (a key that two wrote at once): nothing happened, the
// same again may succeed, or says what is wrong.
bool is_race(const Error& error);
// Somebody held a lock for longer than `lock_timeout`.
bool is_lock_timeout(const Error& error);
// 25006: this server takes no writes, so it is a standby by now: another connection may find the
// primary. Nothing happened.
bool is_standby(const Error& error);
// An insert found no partition for its time: maintain() makes them.
bool is_missing_partition(const Error& error);

}  // namespace vozex::postgres
