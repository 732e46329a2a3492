// SPDX-License-Identifier: Apache-2.0
//
// Driver: one way to deliver an order item. Every method may be called again with the same
// arguments (a call that decided it is made at least once) and then answers the same. The registry
// is filled at start and read after. Thread rule: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "engine/ports/adapter.h"
#include "engine/types/value.h"

namespace vozex::fulfillment {

struct FulfilRequest {
  std::string tenant;
  std::string order_id;
  std::string order_item_id;
  std::string customer_id;
  std::string product_id;
  types::Value config;  // the product's fulfillment_config, with what the buyer chose
};

// What is delivered so far. `status` is a word of fulfilment records: queued, processing, active,
// awaiting_customer, manual_pending, failed, cancelled; a suspended service is `processing` to
// nobody: it is active with `suspended` set.
struct Fulfilment {
  std::string status;
  bool suspended = false;
  std::string reference;  // names it at the provider; "" as long as there is none
  std::string url;
  types::Value details;
};

using FulfilReply = tl::expected<Fulfilment, ports::CallError>;

class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::string_view name() const = 0;
  virtual bool supports(std::string_view delivery_model) const = 0;
  virtual FulfilReply fulfil(const FulfilRequest& request) = 0;
  virtual FulfilReply status(const FulfilRequest& request) = 0;
  virtual FulfilReply suspend(const FulfilRequest& request) = 0;
  virtual FulfilReply resume(const FulfilRequest& request) = 0;
  virtual FulfilReply cancel(const FulfilRequest& request) = 0;
  // To what request.config says now; drivers that can't answer `refused`.
  virtual FulfilReply upgrade(const FulfilRequest& request);
};

class DriverRegistry {
 public:
  void add(std::unique_ptr<Driver> driver);
  // nullptr when there is none.
  Driver* find(std::string_view name) const;
  // Names of the drivers that deliver a model, in the order they were added.
  std::vector<std::string> names_for(std::string_view delivery_model) const;

 private:
  std::vector<std::unique_ptr<Driver>> drivers_;
};

}  // namespace vozex::fulfillment
