// SPDX-License-Identifier: Apache-2.0
//
// What `vozex instance` does to one instance, and how it tells what one waits for. Thread rule: one
// thread.
#pragma once

#include <string>
#include <vector>

#include "api/cli/client.h"

namespace vozex::cli {

struct InstanceOrder {
  std::string instance;  // id, or WORKFLOW/KEY
  std::string action;
  std::string form = "{}";
  std::string actor;
  std::vector<std::string> roles;
  std::string reason;
};

// `actor` of a request's body: what was not said is left to the server.
types::Value actor_value(const std::string& id, const std::vector<std::string>& roles);
// What an order did.
void print_answer(const ClientSettings& settings, const types::Value& body);

// "/v1/instances/..." of an id or WORKFLOW/KEY.
std::string path_of(const std::string& instance);

// The id; or the exit code, when what is wrong has been said.
struct Resolved {
  std::string id;
  int code = 0;
};
Result<Resolved> resolve(const Client& client, const std::string& instance);

int why(const ClientSettings& settings, const std::string& instance);
int act(const ClientSettings& settings, const InstanceOrder& order);
// `verb`: cancel, retry, suspend, resume, skip; move and patch with what they want beside the
// reason: {target: ...}, {data: ...}.
int order_one(const ClientSettings& settings,
              const InstanceOrder& order,
              const std::string& verb,
              const types::Value& more = {});

}  // namespace vozex::cli
