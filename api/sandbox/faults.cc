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
    {"down", FaultKind::down},
    {"wrong_amount", FaultKind::wrong_amount},
    {"wrong_currency", FaultKind::wrong_currency},
    {"pending_refund", FaultKind::pending_refund},
    {"failed_refund", FaultKind::failed_refund},
    {"lost_webhook", FaultKind::lost_webhook},
    {"held_webhook", FaultKind::held_webhook},
    {"late_webhook", FaultKind::late_webhook},
    {"repeated_webhook", FaultKind::repeated_webhook},
};

bool is_of_requests(FaultKind kind) { return kind <= FaultKind::down; }

bool metadata_fits(const json& rule, const json& metadata) {
  const auto wanted = rule.find("metadata");
  if (wanted == rule.end()) return true;
  for (const auto& [key, value] : wanted->items()) {
    if (!metadata.is_object() || metadata.value(key, json()) != value) return false;
  }
  return true;
}

bool text_fits(const json& rule, const char* name, const std::string& text) {
  const auto wanted = rule.find(name);
  return wanted == rule.end() || text == wanted->get_ref<const std::string&>();
}

bool fits(const json& rule, const Subject& subject) {
  const auto path = rule.find("path");
  return text_fits(rule, "gateway", subject.gateway) && text_fits(rule, "method", subject.method) &&
         text_fits(rule, "type", subject.type) &&
         (path == rule.end() || subject.path.starts_with(path->get_ref<const std::string&>())) &&
         metadata_fits(rule, subject.metadata);
}

}  // namespace

std::optional<std::string> Faults::add(const json& rule) {
  if (!rule.is_object()) return "expected a JSON object";
  for (const char* name : {"gateway", "method", "path", "type"}) {
    if (rule.contains(name) && !rule[name].is_string())
      return std::string(name) + " must be a string";
  }
  if (rule.contains("metadata") && !rule["metadata"].is_object())
    return "metadata must be an object";
  for (const char* name : {"by", "delay_ms", "copies", "retry_after_s"}) {
    if (rule.contains(name) && !rule[name].is_number_integer())
      return std::string(name) + " must be an integer";
  }
  if (rule.contains("currency") && !rule["currency"].is_string())
    return "currency must be a string";
  const bool lasts = rule.value("fault", json()) == "down";
  const json times = rule.value("times", json(lasts ? k_max_times : 1));
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
  Fault used = faults_[at];
  if (--faults_[at].left == 0) faults_.erase(faults_.begin() + static_cast<std::ptrdiff_t>(at));
  return used;
}

std::optional<Fault> Faults::take_for_request(const Subject& subject) {
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    if (is_of_requests(faults_[i].kind) && fits(faults_[i].rule, subject)) return use(i);
  }
  return std::nullopt;
}

std::optional<Fault> Faults::take(FaultKind kind, const Subject& subject) {
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    if (faults_[i].kind == kind && fits(faults_[i].rule, subject)) return use(i);
  }
  return std::nullopt;
}

}  // namespace vozex::sandbox
