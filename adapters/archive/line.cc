// SPDX-License-Identifier: Apache-2.0
#include <cctype>

#include <nlohmann/json.hpp>

#include "adapters/archive/archive.h"
#include "engine/types/json.h"

namespace vozex::archive {
namespace {

constexpr int k_format = 1;

class Line {
 public:
  Line& text(std::string_view name, std::string_view value) {
    key(name);
    types::append_json_string(out_, value);
    return *this;
  }
  Line& number(std::string_view name, std::uint64_t value) {
    return raw(name, std::to_string(value));
  }
  Line& json(std::string_view name, const std::string& value) {
    if (value.empty()) return raw(name, "null");
    return nlohmann::json::accept(value) ? raw(name, value) : text(name, value);
  }
  Line& raw(std::string_view name, std::string_view value) {
    key(name);
    out_ += value;
    return *this;
  }
  std::string done() { return "{" + std::move(out_) + "}"; }

 private:
  void key(std::string_view name) {
    if (!out_.empty()) out_ += ',';
    types::append_json_string(out_, name);
    out_ += ':';
  }
  std::string out_;
};

std::string history_of(const ports::EndedInstance& instance) {
  std::string list = "[";
  for (const ports::HistoryRow& row : instance.history) {
    if (list.size() > 1) list += ',';
    list += Line()
                .number("seq", row.seq)
                .text("disposition", machine::to_string(row.disposition))
                .text("at", format_timestamp(row.at))
                .json("entry", row.entry)
                .done();
  }
  return list + "]";
}

}  // namespace

std::string line_of(const ports::EndedInstance& instance) {
  const ports::InstanceRow& row = instance.row;
  Line line;
  line.number("format", k_format)
      .text("id", row.id.text())
      .text("root", row.root.text())
      .text("parent", row.parent.is_nil() ? "" : row.parent.text())
      .number("shard", row.shard)
      .text("tenant", row.tenant)
      .text("workflow", row.workflow)
      .number("version", row.version)
      .text("key", row.key)
      .number("seq", row.seq)
      .text("life", machine::to_string(row.life))
      .text("state", row.state)
      .text("status", row.status)
      .raw("incident", row.incident ? "true" : "false")
      .text("started_at", format_timestamp(row.started_at))
      .text("at", format_timestamp(row.at))
      .text("ended_at", format_timestamp(instance.ended_at))
      .json("input", row.input)
      .json("data", row.data)
      .json("rt", row.rt)
      .json("output", row.output)
      .raw("history", history_of(instance));
  return line.done();
}

std::string folder_name(const std::string& tenant) {
  constexpr char k_hex[] = "0123456789ABCDEF";
  std::string name;
  for (const char letter : tenant) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 || letter == '_' || letter == '-' ||
                                       (letter == '.' && !name.empty()));
    if (plain) {
      name += letter;
    } else {
      name += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
    }
  }
  return name.empty() ? "%" : name;
}

}  // namespace vozex::archive
