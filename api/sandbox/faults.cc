// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/faults.h"

namespace vozex::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t k_max_faults = 1000;
constexpr int k_max_times = 1'000'000;

struct Name {
  const char* text;
  FaultKind kind;
};

constexpr Name k_names[] = {
    {"error", FaultKind::error},
    {"error_after_work", FaultKind::error_after_work},
    {"timeout", FaultKind::timeout},
    {"timeout_after_work", FaultKind::timeout_after_work},
    {"rate_limited", FaultKind::rate_limited},
    {"reset", FaultKind::reset},
    {"reset_after_work", FaultKind::reset_after_work},
    {"wrong_amount", FaultKind::wrong_amount},
    {"wrong_currency", FaultKind::wrong_currency},
    {"lost_webhook", FaultKind::lost_webhook},
};

bool is_of_requests(FaultKind kind) {
  return kind != FaultKind::wrong_amount && kind != FaultKind::wrong_currency &&
         kind != FaultKind::lost_webhook;
}

bool metadata_fits(const json& rule, const json& metadata) {
  const auto wanted = rule.find("metadata");
  if (wanted == rule.end()) return true;
  for (const auto& [key, value] : wanted->items()) {
    if (!metadata.is_object() || metadata.value(key, json()) != value) return false;
  }
  return true;
}

bool text_fits(const json& rule, const char* name, std::string_view text, bool as_prefix) {
  const auto wanted = rule.find(name);
  if (wanted == rule.end()) return true;
  const auto& expected = wanted->get_ref<const std::string&>();
  return as_prefix ? text.starts_with(expected) : text == expected;
}

}  // namespace

std::optional<std::string> Faults::add(const json& rule) {
  if (!rule.is_object()) return "expected a JSON object";
  for (const char* name : {"method", "path"}) {
    if (rule.contains(name) && !rule[name].is_string())
      return std::string(name) + " must be a string";
  }
  if (rule.contains("metadata") && !rule["metadata"].is_object())
    return "metadata must be an object";
  const json times = rule.value("times", json(1));
  if (!times.is_number_integer() || times < 1 || times > k_max_times)
    return "times must be 1 to 1000000";
  if (faults_.size() == k_max_faults)
    return "there are too many faults: DELETE /sandbox/faults first";
  std::string known;
  for (const auto& name : k_names) {
    if (rule.value("fault", json()) == name.text) {
      faults_.push_back({name.kind, rule, times.get<int>()});
      return std::nullopt;
    }
    known += std::string(known.empty() ? "" : ", ") + name.text;
  }
  return "fault must be one of " + known;
}

json Faults::list() const {
  json out = json::array();
  for (const auto& fault : faults_) {
    json shown = fault.rule;
    shown["left"] = fault.left;
    out.push_back(std::move(shown));
  }
  return out;
}

std::optional<Fault> Faults::use(std::size_t at) {
  const Fault used = faults_[at];
  if (--faults_[at].left == 0) faults_.erase(faults_.begin() + static_cast<std::ptrdiff_t>(at));
  return used;
}

std::optional<Fault> Faults::take_for_request(std::string_view method,
                                              std::string_view path,
                                              const json& metadata) {
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const auto& fault = faults_[i];
    if (is_of_requests(fault.kind) && text_fits(fault.rule, "method", method, false) &&
        text_fits(fault.rule, "path", path, true) && metadata_fits(fault.rule, metadata)) {
      return use(i);
    }
  }
  return std::nullopt;
}

std::optional<Fault> Faults::take(FaultKind kind, const json& metadata) {
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    if (faults_[i].kind == kind && metadata_fits(faults_[i].rule, metadata)) return use(i);
  }
  return std::nullopt;
}

}  // namespace vozex::sandbox
