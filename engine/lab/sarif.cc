// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/sarif.h"

#include <map>

#include "engine/lab/error_pages.h"

namespace vozex::lab {
namespace {

using types::Value;

Value text(std::string_view content) { return Value::string(std::string(content)); }
Value number(std::size_t value) { return Value::integer(static_cast<std::int64_t>(value)); }
Value message(std::string_view content) { return Value::object({{"text", text(content)}}); }

const char* level_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

// A path as a URI reference: relative ones stay so, which is what code scanning matches.
std::string uri_of(const std::string& path) {
  static constexpr std::string_view k_kept =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  static constexpr char k_digits[] = "0123456789ABCDEF";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    if (k_kept.find(c) != std::string_view::npos) {
      uri += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    uri += '%';
    uri += k_digits[byte >> 4u];
    uri += k_digits[byte & 15u];
  }
  return uri;
}

Value rule_of(const Diagnostic& first, const SarifTool& tool) {
  Value rule = Value::object(
      {{"id", text(first.code)},
       {"defaultConfiguration", Value::object({{"level", text(level_of(first.severity))}})}});
  const ErrorPage* page = find_error_page(first.code);
  if (page == nullptr) return rule;
  rule = rule.with("shortDescription", message(page->meaning()))
             .with("help", message(page->text).with("markdown", text(page->text)));
  if (tool.docs_url.empty()) return rule;
  const std::string base = tool.docs_url + (tool.docs_url.ends_with('/') ? "" : "/");
  return rule.with("helpUri", text(base + first.code));
}

Value region_of(const Span& span) {
  return Value::object({{"startLine", number(span.line)},
                        {"startColumn", number(span.column)},
                        {"endColumn", number(std::size_t{span.column} + span.length)}});
}

Value location_of(const Diagnostic& one, const std::map<std::string, std::size_t>& indexes) {
  Value artifact = Value::object({{"uri", text(uri_of(one.file))}});
  if (const auto index = indexes.find(one.file); index != indexes.end())
    artifact = artifact.with("index", number(index->second));
  Value place = Value::object({{"artifactLocation", artifact}});
  if (one.span.line != 0) place = place.with("region", region_of(one.span));
  return Value::object({{"physicalLocation", place}});
}

struct Rules {
  Value::List list;
  std::map<std::string, std::size_t> indexes;

  std::size_t index_of(const Diagnostic& one, const SarifTool& tool) {
    const auto [place, fresh] = indexes.emplace(one.code, list.size());
    if (fresh) list.push_back(rule_of(one, tool));
    return place->second;
  }
};

Value result_of(const Diagnostic& one,
                std::size_t rule,
                const std::map<std::string, std::size_t>& artifacts) {
  const std::string said = one.message + (one.hint.empty() ? "" : "\nHint: " + one.hint);
  return Value::object({{"ruleId", text(one.code)},
                        {"ruleIndex", number(rule)},
                        {"level", text(level_of(one.severity))},
                        {"message", message(said)},
                        {"locations", Value::list({location_of(one, artifacts)})}});
}

}  // namespace

Value to_sarif(const std::vector<Diagnostic>& diagnostics,
               const std::vector<std::string>& files,
               const SarifTool& tool) {
  Value::List artifacts;
  std::map<std::string, std::size_t> indexes;
  for (const std::string& file : files) {
    if (!indexes.emplace(file, artifacts.size()).second) continue;
    artifacts.push_back(Value::object({{"location", Value::object({{"uri", text(uri_of(file))}})},
                                       {"roles", Value::list({text("analysisTarget")})},
                                       {"sourceLanguage", text("yaml")}}));
  }
  Rules rules;
  Value::List results;
  for (const Diagnostic& one : diagnostics)
    results.push_back(result_of(one, rules.index_of(one, tool), indexes));
  const Value driver = Value::object({{"name", text("vozex")},
                                      {"version", text(tool.version)},
                                      {"rules", Value::list(std::move(rules.list))}});
  const Value run = Value::object({{"tool", Value::object({{"driver", driver}})},
                                   {"columnKind", text("unicodeCodePoints")},
                                   {"artifacts", Value::list(std::move(artifacts))},
                                   {"results", Value::list(std::move(results))}});
  return Value::object({{"$schema", text("https://json.schemastore.org/sarif-2.1.0.json")},
                        {"version", text("2.1.0")},
                        {"runs", Value::list({run})}});
}

}  // namespace vozex::lab
