// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/diff.h"

namespace vozex::lab {
namespace {

using types::Value;

const char* heading_of(Impact impact) {
  switch (impact) {
    case Impact::breaking: return "breaking";
    case Impact::live: return "changes what live instances do once they migrate";
    case Impact::none: return "nobody alive notices";
  }
  return "";
}

std::string indented(const std::string& text, const std::string& indent) {
  std::string out = indent;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += indent;
  }
  while (out.ends_with(indent) && out.size() > indent.size())
    out.resize(out.size() - indent.size());
  return out;
}

std::string title_of(const Diff& diff) {
  std::string title = diff.workflow;
  if (diff.from_version != 0) title += ", version " + std::to_string(diff.from_version);
  if (diff.to_version != 0 && diff.from_version != 0) title += " -> ";
  if (diff.to_version != 0)
    title += (diff.from_version == 0 ? ", version " : "") + std::to_string(diff.to_version);
  return title;
}

}  // namespace

Value to_value(const Diff& diff) {
  Value::List changes;
  for (const Change& one : diff.changes) {
    Value value = Value::object({{"impact", Value::string(to_string(one.impact))},
                                 {"kind", Value::string(one.kind)},
                                 {"subject", Value::string(one.subject)},
                                 {"text", Value::string(one.text)}});
    if (!one.meaning.empty()) value = value.with("meaning", Value::string(one.meaning));
    if (one.handled) value = value.with("handled", Value::boolean(true));
    if (one.line != 0) value = value.with("line", Value::integer(one.line));
    changes.push_back(std::move(value));
  }
  Value::List renames;
  for (const Rename& one : diff.renames) {
    renames.push_back(Value::object({{"from", Value::string(one.from)},
                                     {"to", Value::string(one.to)},
                                     {"similarity", Value::real(one.similarity)}}));
  }
  Value value = Value::object({{"workflow", Value::string(diff.workflow)},
                               {"from", Value::integer(diff.from_version)},
                               {"to", Value::integer(diff.to_version)},
                               {"breaking", Value::boolean(diff.is_breaking())},
                               {"changes", Value::list(std::move(changes))},
                               {"renames", Value::list(std::move(renames))}});
  return diff.migrate.empty() ? value : value.with("migrate", Value::string(diff.migrate));
}

std::string render(const Diff& diff) {
  std::string out = title_of(diff) + "\n";
  if (diff.changes.empty()) out += "  no differences\n";
  const Change* before = nullptr;
  for (const Change& one : diff.changes) {
    if (before == nullptr || before->impact != one.impact)
      out += std::string("  ") + heading_of(one.impact) + ":\n";
    before = &one;
    out += "    " + one.subject + ": " + one.text + (one.handled ? " (migrate takes care)" : "") +
           "\n";
    if (!one.meaning.empty() && !one.handled) out += "      " + one.meaning + "\n";
  }
  if (!diff.migrate.empty())
    out += "  what would bring live instances over, for the new file:\n" +
           indented(diff.migrate, "    ");
  return out;
}

}  // namespace vozex::lab
