// SPDX-License-Identifier: Apache-2.0
// /v1/workflows: what is deployed, and deploying.
#include <map>

#include "api/handlers/body.h"
#include "api/handlers/routes.h"
#include "api/handlers/workflow_value.h"

namespace vozex::handlers {
namespace {

using types::Value;

http::Response list(const Services& services, const http::Request&) {
  Value::List items;
  for (const machine::MachineRef& machine : services.engine->definitions())
    items.push_back(summary(*machine));
  return answer(200, Object().put("items", Value::list(std::move(items))).done());
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
  return types::object_of({files});
}

// [{version, instances}] of what lives.
Value live_versions(const std::vector<ports::StateCount>& counts, const std::string& workflow) {
  std::map<std::uint32_t, std::uint64_t> versions;
  for (const ports::StateCount& count : counts) {
    if (count.workflow == workflow) versions[count.version] += count.count;
  }
  Value::List list;
  for (const auto& [version, instances] : versions)
    list.push_back(Object().number("version", version).number("instances", instances).done());
  return Value::list(std::move(list));
}

http::Response deploy(const Services& services, const http::Request& request) {
  static const types::TypeRef k_body = deploy_body();
  const auto body = json_body(request, *k_body);
  if (!body) return body.error();
  const auto files = files_of(*body);
  const auto attempt = services.library->compile_with(files);
  if (has_errors(attempt.compilation.diagnostics)) {
    return http::problem(
        Error{ErrorClass::invalid,
              "invalid_workflow",
              "The files have mistakes; nothing was deployed.",
              {}},
        Value::object(
            {{"diagnostics", diagnostics_value(attempt.compilation.diagnostics)},
             {"text",
              Value::string(language::render(attempt.compilation.diagnostics, attempt.sources))}}));
  }
  const auto deployed = services.engine->deploy(attempt.compilation.machines);
  if (!deployed) return http::problem(deployed.error());
  services.library->add(files);
  Value::List items;
  const auto counts = services.queries->counts(k_tenant);
  for (const auto& one : *deployed) {
    Object item;
    item.text("workflow", one.workflow)
        .number("version", one.version)
        .put("is_new", Value::boolean(one.is_new));
    // Whom a migration to this version would concern.
    if (counts) item.put("live", live_versions(*counts, one.workflow));
    items.push_back(item.done());
  }
  return answer(200,
                Object()
                    .put("deployed", Value::list(std::move(items)))
                    .put("warnings", diagnostics_value(attempt.compilation.diagnostics))
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
  add("GET", "/v1/workflows", http::k_default_body_limit, list);
  add("GET", "/v1/workflows/{name}/{version}", http::k_default_body_limit, get);
  add("POST", "/v1/workflows", 4u << 20, deploy);
}

}  // namespace vozex::handlers
