// SPDX-License-Identifier: Apache-2.0
//
// JsonWriter: objects and arrays appended to a text, member by member, without building values
// first. The caller writes members in the order of their names, so that the text is canonical.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/types/json.h"

namespace vozex::machine {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void name(std::string_view member) {
    separate();
    out_ += '"';
    out_ += member;  // our own names need no escapes
    out_ += "\":";
    fresh_ = true;
  }
  void text(std::string_view value) {
    separate();
    types::append_json_string(out_, value);
  }
  void number(std::int64_t value) {
    separate();
    out_ += std::to_string(value);
  }
  void boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
  }
  // The place where the caller appends one whole value itself.
  std::string& raw() {
    separate();
    return out_;
  }

  // Members that are left out when they say nothing.
  void text_member(std::string_view member, std::string_view value) {
    if (value.empty()) return;
    name(member);
    text(value);
  }
  void number_member(std::string_view member, std::int64_t value) {
    name(member);
    number(value);
  }

 private:
  void open(char bracket) {
    separate();
    out_ += bracket;
    fresh_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    fresh_ = false;
  }
  void separate() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }

  std::string& out_;
  bool fresh_ = true;
};

}  // namespace vozex::machine
