// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/settings.h"

#include "adapters/payments/wire.h"

namespace vozex::payments {

Failure Settings::wrong(std::string_view name, std::string_view expected) const {
  return fail(ErrorClass::invalid,
              "config_invalid",
              "payments." + std::string(gateway_) + "." + std::string(name) + " must be " +
                  std::string(expected));
}

void Settings::text(std::string_view name, std::string& into) const {
  if (const auto text = config_.text_at(name); !text.empty()) into = std::string(text);
}

Result<void> Settings::texts(std::string_view name, std::vector<std::string>& into) const {
  const auto given = list_at(config_, name);
  if (given.empty()) return {};
  std::vector<std::string> out;
  for (const auto& one : given) {
    if (!one.is_string() || one.as_string().empty()) return wrong(name, "a list of names");
    out.push_back(one.as_string());
  }
  into = std::move(out);
  return {};
}

Result<void> Settings::url(std::string_view name, std::string& into) const {
  text(name, into);
  while (into.ends_with('/')) into.pop_back();
  if (into.starts_with("https://") || into.starts_with("http://")) return {};
  return wrong(name, "an http or https URL");
}

Result<void> Settings::environment(std::string_view name, Environment& into) const {
  const auto word = config_.text_at(name);
  if (word.empty()) return {};
  if (word != "live" && word != "test" && word != "sandbox") return wrong(name, "test or live");
  into = word == "live" ? Environment::live : Environment::test;
  return {};
}

}  // namespace vozex::payments
