// SPDX-License-Identifier: Apache-2.0
// /v1/workflows: what is deployed, and deploying.
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "api/handlers/body.h"
#include "api/handlers/routes.h"
#include "api/handlers/workflow_value.h"

namespace vozex::handlers {
namespace {

using types::Value;

// "order/3", the cursor of the list; none of what it isn't.
using Named = std::pair<std::string, std::uint32_t>;
std::optional<Named> named(const std::string& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  std::uint32_t version = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + slash + 1, end, version);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return Named{text.substr(0, slash), version};
}

http::Response list(const Services& services, const http::Request& request) {
  const auto limit = page_limit(request);
  if (!limit) return limit.error();
  const std::string text = request.query_value("after").value_or("");
  const auto after = named(text);
  if (!text.empty() && !after)
    return bad_query("Expected `after` like order/3, as `next` has it, got \"" + text + "\".")
        .value();
  Value::List items;
  std::string next;
  for (const machine::MachineRef& machine : services.engine->definitions()) {
    const Named name{machine->workflow, machine->version};
    if (after && name <= *after) continue;
    items.push_back(summary(*machine));
    if (items.size() < *limit) continue;
    next = name.first + "/" + std::to_string(name.second);
    break;
  }
  return answer(200,
                Object().put("items", Value::list(std::move(items))).text("next", next).done());
}

http::Response get(const Services& services, const http::Request& request) {
  for (const machine::MachineRef& machine : services.engine->definitions()) {
    if (machine->workflow == request.parameter("name") &&
        std::to_string(machine->version) == request.parameter("version")) {
      return answer(200, to_value(*machine));
    }
  }
  return http::problem(Error{ErrorClass::not_found,
                             "workflow_not_found",
                             "There is no workflow " + std::string(request.parameter("name")) +
                                 " version " + std::string(request.parameter("version")) + " here.",
                             {}});
}

std::vector<machine::SourceFile> files_of(const Value& body) {
  std::vector<machine::SourceFile> files;
  for (const Value& file : body.find("files")->as_list()) {
    files.push_back({std::string(file.text_at("name")), std::string(file.text_at("text"))});
  }
  return files;
}

types::TypeRef deploy_body() {
  types::Field files;
  files.name = "files";
  files.type = types::list_of(body_type({{"name", "string"}, {"text", "string"}}));
  std::vector<types::Field> fields = body_type({{"dry_run", "optional<bool>"}})->fields;
  fields.push_back(std::move(files));
  return types::object_of(std::move(fields));
}

// Live instances by version.
using LiveVersions = std::map<std::uint32_t, std::uint64_t>;
LiveVersions live_versions(const std::vector<ports::StateCount>& counts,
                           const std::string& workflow) {
  LiveVersions versions;
  for (const ports::StateCount& count : counts) {
    if (count.workflow == workflow) versions[count.version] += count.count;
  }
  return versions;
}

// [{version, instances}]
Value to_value(const LiveVersions& versions) {
  Value::List list;
  for (const auto& [version, instances] : versions)
    list.push_back(Object().number("version", version).number("instances", instances).done());
  return Value::list(std::move(list));
}

// A machine against what is deployed: is_new, or changed under its version.
struct Compared {
  machine::MachineRef machine;
  bool is_new = true;
  bool changed = false;
};
std::vector<Compared> compare(const Services& services,
                              const std::vector<machine::MachineRef>& machines) {
  std::map<std::pair<std::string, std::uint32_t>, std::string> known;
  for (const machine::MachineRef& one : services.engine->definitions())
    known[{one->workflow, one->version}] = one->content_hash;
  std::vector<Compared> all;
  for (const machine::MachineRef& machine : machines) {
    const auto found = known.find({machine->workflow, machine->version});
    const bool is_new = found == known.end();
    all.push_back({machine, is_new, !is_new && found->second != machine->content_hash});
  }
  return all;
}

// A changed file under an old version: who lives on it, and what to do. Nothing when all is well.
std::optional<http::Response> objection(const std::vector<Compared>& all,
                                        const std::vector<ports::StateCount>& counts) {
  Value::List affected;
  std::string detail;
  for (const Compared& one : all) {
    if (!one.changed) continue;
    const std::string& workflow = one.machine->workflow;
    const std::uint32_t version = one.machine->version;
    const std::uint64_t instances = live_versions(counts, workflow)[version];
    affected.push_back(Object()
                           .text("workflow", workflow)
                           .number("version", version)
                           .number("instances", instances)
                           .done());
    detail += "Version " + std::to_string(version) + " of " + workflow +
              " is deployed with other content, and " + std::to_string(instances) +
              " live instances follow that: a version never changes. Raise it, and say `migrate: "
              "{from: " +
              std::to_string(version) + "}` to move them. ";
  }
  if (affected.empty()) return std::nullopt;
  detail.pop_back();
  return http::problem(Error{ErrorClass::conflict, "version_changed", detail, {}},
                       Value::object({{"affected", Value::list(std::move(affected))}}));
}

http::Response mistakes(const language::Compilation& compilation,
                        const language::SourceSet& sources) {
  return http::problem(
      Error{ErrorClass::invalid,
            "invalid_workflow",
            "The files have mistakes; nothing was deployed.",
            {}},
      Value::object({{"diagnostics", diagnostics_value(compilation.diagnostics)},
                     {"text", Value::string(language::render(compilation.diagnostics, sources))}}));
}

http::Response deploy(const Services& services, const http::Request& request) {
  static const types::TypeRef k_body = deploy_body();
  const auto body = json_body(request, *k_body);
  if (!body) return body.error();
  const auto files = files_of(*body);
  const auto attempt = services.library->compile_with(files);
  const language::Compilation& compilation = attempt.compilation;
  if (has_errors(compilation.diagnostics)) return mistakes(compilation, attempt.sources);
  const auto counts = services.queries->counts(k_tenant);
  if (!counts) return http::problem(counts.error());
  const auto compared = compare(services, compilation.machines);
  if (auto wrong = objection(compared, *counts)) return *std::move(wrong);
  const Value* dry_run = body->find("dry_run");
  const bool for_show = dry_run != nullptr && *dry_run == Value::boolean(true);
  if (!for_show) {
    // Another process may have deployed meanwhile: the store says the last word.
    const auto deployed = services.engine->deploy(compilation.machines);
    if (!deployed) return http::problem(deployed.error());
    services.library->add(files);
  }
  Value::List items;
  for (const Compared& one : compared) {
    items.push_back(Object()
                        .text("workflow", one.machine->workflow)
                        .number("version", one.machine->version)
                        .put("is_new", Value::boolean(one.is_new))
                        .put("live", to_value(live_versions(*counts, one.machine->workflow)))
                        .done());
  }
  return answer(200,
                Object()
                    .put(for_show ? "would_deploy" : "deployed", Value::list(std::move(items)))
                    .put("warnings", diagnostics_value(compilation.diagnostics))
                    .done());
}

}  // namespace

void add_workflows(http::Router& router, const Services& services) {
  const auto add = [&](const char* method,
                       const char* pattern,
                       std::size_t limit,
                       http::Response (*handle)(const Services&, const http::Request&)) {
    router.add({method,
                pattern,
                blocking(*services.workers,
                         [&services, handle](const http::Request& request) {
                           return handle(services, request);
                         }),
                false,
                limit});
  };
  add_read(router, services, "/v1/workflows", list, {"after", "limit"});
  add("GET", "/v1/workflows/{name}/{version}", http::k_default_body_limit, get);
  add("POST", "/v1/workflows", 4u << 20, deploy);
}

}  // namespace vozex::handlers
