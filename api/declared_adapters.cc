// SPDX-License-Identifier: Apache-2.0
#include "api/declared_adapters.h"

#include <algorithm>
#include <set>

#include "engine/types/validate.h"

namespace vozex::program {
namespace {

using types::TypeKind;
using types::Value;

types::TypeRef settings_type() {
  const auto text = types::simple_type(TypeKind::string);
  types::Field base;
  base.name = "base";
  base.type = types::optional_of(text);
  types::Field secrets;
  secrets.name = "secrets";
  secrets.type = types::optional_of(types::map_of(text));
  return types::map_of(types::object_of({base, secrets}));
}

// Of a version that isn't known: the newest that declares it.
machine::OperationRef find_in(const std::vector<machine::MachineRef>& machines,
                              const std::string& adapter,
                              const ports::CallRequest& call) {
  machine::OperationRef newest;
  std::uint32_t version = 0;
  for (const machine::MachineRef& machine : machines) {
    if (machine->workflow != call.workflow) continue;
    if (call.version != 0 && machine->version != call.version) continue;
    auto found = find_http_operation(*machine, adapter, call.operation);
    if (found == nullptr || machine->version < version) continue;
    version = machine->version;
    newest = std::move(found);
  }
  return newest;
}

}  // namespace

Result<DeclaredAdapters::Settings> declared_settings(const Value& config) {
  DeclaredAdapters::Settings settings;
  if (config.is_null()) return settings;
  const auto checked = types::validate(config, *settings_type(), types::Unknown::refuse);
  if (!checked) {
    return fail(ErrorClass::invalid,
                "config_invalid",
                "`adapters` of the configuration: " + types::describe(checked.error()) +
                    ". Expected adapters: {carrier: {base: \"http://10.0.0.7:8080\", secrets: "
                    "{CARRIER_KEY: \"env:CARRIER_KEY\"}}}.");
  }
  for (const auto& [name, given] : checked->as_map()) {
    http::DeclaredSettings& one = settings[name.as_string()];
    one.base = given.text_at("base");
    while (one.base.ends_with('/')) one.base.pop_back();
    if (!one.base.empty() && !one.base.starts_with("http://") &&
        !one.base.starts_with("https://")) {
      return fail(ErrorClass::invalid,
                  "config_invalid",
                  "The base of the adapter " + name.as_string() +
                      " must begin with http:// or https://, got \"" + one.base + "\".");
    }
    const Value* secrets = given.find("secrets");
    if (secrets == nullptr) continue;
    for (const auto& [secret, reference] : secrets->as_map())
      one.secrets[secret.as_string()] = reference.as_string();
  }
  return settings;
}

DeclaredAdapters::DeclaredAdapters(Settings settings, http::DeclaredAdapter::Surroundings outside)
    : settings_(std::move(settings)), outside_(outside) {}

void DeclaredAdapters::look_into(Definitions definitions) { definitions_ = std::move(definitions); }

void DeclaredAdapters::know(std::vector<machine::OperationRef> operations) {
  std::erase_if(operations, [](const auto& operation) { return operation->http == nullptr; });
  operations_ = std::move(operations);
}

bool DeclaredAdapters::is_declared(std::string_view name) const {
  return std::any_of(operations_.begin(), operations_.end(), [&](const auto& operation) {
    return operation->adapter == name;
  });
}

http::DeclaredSettings DeclaredAdapters::settings_of(std::string_view name) const {
  const auto given = settings_.find(name);
  return given == settings_.end() ? http::DeclaredSettings() : given->second;
}

ports::Adapter* DeclaredAdapters::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = adapters_.find(name); found != adapters_.end()) return found->second.get();
  const auto machines = definitions_();
  const bool declared =
      is_declared(name) || std::any_of(machines.begin(), machines.end(), [&](const auto& machine) {
        return machine::calls_http_adapter(*machine, name);
      });
  if (!declared) return nullptr;
  const std::string own(name);
  auto adapter = std::make_unique<http::DeclaredAdapter>(
      own,
      [this, own](const ports::CallRequest& call) { return operation(own, call); },
      settings_of(name),
      outside_);
  return adapters_.emplace(own, std::move(adapter)).first->second.get();
}

machine::OperationRef DeclaredAdapters::operation(const std::string& adapter,
                                                  const ports::CallRequest& call) {
  const Meaning meaning{adapter, call.operation, call.workflow, call.version};
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(meaning); known != known_.end()) return known->second;
  }
  auto found = find_in(definitions_(), adapter, call);
  if (found == nullptr && call.version == 0) {
    const auto file = std::find_if(operations_.begin(), operations_.end(), [&](const auto& one) {
      return one->adapter == adapter && one->name == call.operation;
    });
    if (file != operations_.end()) found = *file;
  }
  if (found != nullptr && call.version != 0) {
    const std::lock_guard lock(mutex_);
    known_.emplace(meaning, found);
  }
  return found;
}

std::vector<std::string> DeclaredAdapters::missing(
    const std::vector<machine::OperationRef>& operations) const {
  std::set<std::string> said;
  for (const machine::OperationRef& operation : operations) {
    if (operation->http == nullptr) continue;
    const machine::HttpOperation& http = *operation->http;
    const http::DeclaredSettings settings = settings_of(operation->adapter);
    if (http.base.empty() && settings.base.empty()) {
      said.insert("the adapter " + operation->adapter + " has no base URL: configure adapters." +
                  operation->adapter + ".base");
    }
    if (http.auth.secret.empty()) continue;
    const std::string reference = http::secret_reference(settings, http.auth.secret);
    if (!outside_.secrets.get(reference)) {
      said.insert("the adapter " + operation->adapter + " needs the secret " + http.auth.secret +
                  ", and there is none at " + reference);
    }
  }
  return {said.begin(), said.end()};
}

}  // namespace vozex::program
