// SPDX-License-Identifier: Apache-2.0
#include "engine/language/policies.h"

#include "engine/language/keys.h"

namespace vozex::language {
namespace {

machine::RetryPolicy read_policy(const Node& node, const Span& owner, Report& report) {
  machine::RetryPolicy policy;
  const Fields fields(node, grammar::policy, owner, report);
  constexpr std::int64_t k_most_attempts = 1000;
  if (const Node* value = fields.get("attempts")) {
    const auto read = read_int(*value, "`attempts`", 1, k_most_attempts, report);
    policy.attempts = static_cast<std::uint16_t>(read.value_or(policy.attempts));
  }
  if (const Node* value = fields.get("backoff"))
    policy.backoff = read_duration(*value, "`backoff`", report).value_or(policy.backoff);
  if (const Node* value = fields.get("max"))
    policy.max = read_duration(*value, "`max`", report).value_or(policy.max);
  if (const Node* value = fields.get("deadline"))
    policy.deadline = read_duration(*value, "`deadline`", report);
  if (const Node* value = fields.get("factor")) {
    policy.factor = read_number(*value, "`factor`", report).value_or(policy.factor);
    if (policy.factor < 1) {
      report.error(code::bad_literal,
                   value->span,
                   "`factor` must be 1 or more: each delay is the last one times it");
    }
  }
  if (const Node* value = fields.get("jitter")) {
    policy.jitter = read_number(*value, "`jitter`", report).value_or(policy.jitter);
    if (policy.jitter < 0 || policy.jitter > 1) {
      report.error(code::bad_literal,
                   value->span,
                   "`jitter` must be from 0 to 1: delays vary by this share");
    }
  }
  return policy;
}

}  // namespace

void read_policies(const Node& section, Policies& into, Report& report) {
  for (std::size_t i = 0; i < section.keys.size(); ++i) {
    if (section.items[i].broken) continue;
    into[section.keys[i].text] = read_policy(section.items[i], section.keys[i].span, report);
  }
}

std::optional<machine::RetryPolicy> read_retry(const Node& node,
                                               const Policies& known,
                                               Report& report) {
  if (node.is_map()) return read_policy(node, node.span, report);
  if (const auto found = known.find(node.text); found != known.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, policy] : known) names.push_back(name);
  std::string hint = did_you_mean(node.text, names);
  if (hint.empty())
    hint = "declare it: `policies: {" + node.text +
           ": {attempts: 6, backoff: 2s}}`, here or in a file you import";
  report.error(
      code::unknown_policy, node.span, "no retry policy is called `" + node.text + "`", hint);
  return std::nullopt;
}

}  // namespace vozex::language
