// SPDX-License-Identifier: Apache-2.0
//
// DeclaredAdapters: the adapters that deployed files declare as HTTP
// (adapters/http/declared_adapter.h), made when a call first asks for them. What a call means is
// what the version of its workflow was deployed with, in whichever process that was. Thread rule:
// any thread, one lock.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "adapters/http/declared_adapter.h"
#include "engine/base/result.h"
#include "engine/machine/machine.h"

namespace vozex::program {

class DeclaredAdapters {
 public:
  using Settings = std::map<std::string, http::DeclaredSettings, std::less<>>;
  using Definitions = std::function<std::vector<machine::MachineRef>()>;

  DeclaredAdapters(Settings settings, http::DeclaredAdapter::Surroundings outside);

  // Before the first call: who knows what is deployed, by workflow and version.
  void look_into(Definitions definitions);
  // What the files of this installation declare, for calls that no workflow makes.
  void know(std::vector<machine::OperationRef> operations);
  // Whether one of them says how it is carried out over HTTP.
  bool is_declared(std::string_view name) const;
  // What the configuration says about an adapter, or about a provider of the same name.
  http::DeclaredSettings settings_of(std::string_view name) const;
  // nullptr when no deployed file declares an adapter of this name as HTTP. Valid as long as this.
  ports::Adapter* find(std::string_view name);
  // What calls will fail for want of: "the adapter carrier needs adapters.carrier.base".
  std::vector<std::string> missing(const std::vector<machine::OperationRef>& operations) const;

 private:
  machine::OperationRef operation(const std::string& adapter, const ports::CallRequest& call);

  using Meaning = std::tuple<std::string, std::string, std::string, std::uint32_t>;
  const Settings settings_;
  const http::DeclaredAdapter::Surroundings outside_;
  Definitions definitions_;
  std::vector<machine::OperationRef> operations_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::unique_ptr<http::DeclaredAdapter>, std::less<>> adapters_;
  std::map<Meaning, machine::OperationRef> known_;  // versions never change
};

// `adapters:` of the configuration: {name: {base, secrets: {NAME: reference}}}. Error
// config_invalid.
Result<DeclaredAdapters::Settings> declared_settings(const types::Value& config);

}  // namespace vozex::program
