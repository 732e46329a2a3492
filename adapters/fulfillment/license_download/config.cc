// SPDX-License-Identifier: Apache-2.0
// What the driver `license_download` wants to know: what `licenses.issue` reads of a product's
// configuration (licenses_adapter.cc).
#include "adapters/fulfillment/config_schema.h"
#include "engine/types/declare.h"

namespace vozex::fulfillment {
namespace {

using types::Fault;
using types::Value;

bool leaves_its_folder(std::string_view path) {
  return path.starts_with('/') || path.find("..") != std::string_view::npos ||
         path.find('\\') != std::string_view::npos;
}

std::vector<Fault> rule(std::string_view model, const Value& config) {
  const std::string_view artefact = config.text_at("artefact");
  if (artefact.empty() && model == "self_hosted_download")
    return {{"/artefact", "expected the file to download, relative to the artefact folder"}};
  if (leaves_its_folder(artefact)) {
    return {{"/artefact",
             "expected a path relative to the artefact folder, without `..`: "
             "pos/installer.zip"}};
  }
  return {};
}

}  // namespace

ConfigSchema license_download_config() {
  const types::Constraints days = {.min = 1, .max = 36500};
  types::Declarations declare;
  return {"license_download",
          declare.object("license_download",
                         {{"artefact", "optional<string>", {.min_length = 1, .max_length = 500}},
                          {"seats", "int", {.min = 1, .max = 100000}, Value::integer(1)},
                          {"features", "list<string>", {.max_length = 100}, Value::list({})},
                          {"support_plan", "optional<string>", {.max_length = 64}},
                          {"valid_days", "optional<int>", days},
                          {"updates_days", "optional<int>", days}}),
          rule};
}

}  // namespace vozex::fulfillment
