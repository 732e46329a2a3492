// SPDX-License-Identifier: Apache-2.0
//
// What orders to one instance have in common, whoever gives them: how they become events, and how
// they are answered. Thread rule: any thread.
#pragma once

#include <string>

#include "api/handlers/body.h"
#include "api/handlers/services.h"
#include "api/http/message.h"

namespace vozex::handlers {

// The body of an order, checked, with a `reason` that says something and, where the type has one, a
// `target` that names a state: 422 otherwise.
Asked<types::Value> order_body(const http::Request& request, const types::Type& type);

// An order as an event; its id makes a repetition with the same Idempotency-Key a duplicate.
machine::Event ops_event(const Services& services,
                         const http::Request& request,
                         std::string name,
                         machine::Cause cause);

// The answer to an order: what it did, or why not and what would be possible.
runtime::Done<runtime::EventAnswer> answering(const Services& services,
                                              const InstanceId& id,
                                              const machine::Actor& actor,
                                              const http::Responder& respond);

}  // namespace vozex::handlers
