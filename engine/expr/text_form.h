// SPDX-License-Identifier: Apache-2.0
//
// Values as text: CEL's string(), what %s writes, and short forms for messages.
#pragma once

#include <string>

#include "engine/expr/meter.h"

namespace vozex::expr {

// Shortest text that reads back as the same double.
std::string double_text(double value);

// What string() gives; false for kinds without one.
bool scalar_text(const types::Value& value, std::string& out);

// A value as templates write it: strings bare, others as string(); null, none and collections are
// errors.
bool append_text(const types::Value& value, std::string& out, Meter& meter);

// For messages: cut to a few words.
std::string short_text(const types::Value& value);

// Whether the value as a tree (shared parts counted each time) stays below so many bytes.
bool within_weight(const types::Value& value, std::size_t bytes);

}  // namespace vozex::expr
