// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/driver.h"

#include "engine/base/assert.h"

namespace vozex::fulfillment {

FulfilReply Driver::upgrade(const FulfilRequest&) {
  ports::CallError error;
  error.code = "refused";
  error.message =
      "the driver " + std::string(name()) + " can't upgrade: cancel it and deliver anew";
  return tl::unexpected(std::move(error));
}

void DriverRegistry::add(std::unique_ptr<Driver> driver) {
  VOZEX_ASSERT(find(driver->name()) == nullptr);
  drivers_.push_back(std::move(driver));
}

Driver* DriverRegistry::find(std::string_view name) const {
  for (const auto& driver : drivers_) {
    if (driver->name() == name) return driver.get();
  }
  return nullptr;
}

std::vector<std::string> DriverRegistry::names_for(std::string_view delivery_model) const {
  std::vector<std::string> names;
  for (const auto& driver : drivers_) {
    if (driver->supports(delivery_model)) names.emplace_back(driver->name());
  }
  return names;
}

}  // namespace vozex::fulfillment
