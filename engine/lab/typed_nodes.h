// SPDX-License-Identifier: Apache-2.0
//
// YAML nodes of test files as values: whole ones, as the declared type wants them, and partial ones
// for expectations.
#pragma once

#include <optional>
#include <string>

#include "engine/language/grammar.h"
#include "engine/language/node.h"
#include "engine/language/report.h"
#include "engine/types/type.h"
#include "engine/types/value.h"

namespace vozex::lab {

// A null type takes anything.
std::optional<types::Value> read_whole(const language::Node& node,
                                       const types::TypeRef& type,
                                       const std::string& what,
                                       language::Report& report);

// Members may be missing, at every depth; null stands for absent.
std::optional<types::Value> read_partial(const language::Node& node,
                                         const types::TypeRef& type,
                                         const std::string& what,
                                         language::Report& report);

// The members of `over` replace those of `base`, at the top only. Either may be null.
language::Node merged(const language::Node* base, const language::Node* over);

std::optional<Duration> read_duration(const language::Node& node,
                                      const std::string& what,
                                      language::Report& report);

// The number of a version, from 1 to `newest`.
std::optional<std::uint32_t> read_version(const language::Node& node,
                                          const std::string& what,
                                          std::uint32_t newest,
                                          language::Report& report);

// Reports keys that the schema doesn't have.
void check_keys(const language::Node& map,
                const language::Schema& schema,
                language::Report& report);

}  // namespace vozex::lab
