// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/http_operation.h"

#include "engine/machine/operations.h"

namespace vozex::machine {
namespace {

struct Search {
  std::string_view adapter;
  std::optional<std::string_view> operation;  // none: any
  OperationRef found;

  void look(const OperationRef& declared) {
    if (found != nullptr || declared->http == nullptr) return;
    if (declared->adapter != adapter) return;
    if (!operation || declared->name == *operation) {
      found = declared;
    } else if (declared->http->asked != nullptr && declared->ask == *operation) {
      found = declared->http->asked;
    }
  }
};

OperationRef search_in(const Machine& machine, Search search) {
  for_each_operation(machine, [&](const OperationRef& declared) { search.look(declared); });
  return search.found;
}

}  // namespace

OperationRef find_http_operation(const Machine& machine,
                                 std::string_view adapter,
                                 std::string_view operation) {
  return search_in(machine, {adapter, operation, nullptr});
}

bool calls_http_adapter(const Machine& machine, std::string_view adapter) {
  return search_in(machine, {adapter, std::nullopt, nullptr}) != nullptr;
}

}  // namespace vozex::machine
