// SPDX-License-Identifier: Apache-2.0
//
// Services: what the handlers work with, and the small interfaces through which they reach adapters
// (implemented in the composition files beside main.cc). Everything here outlives the server.
// Thread rule: read-only once the server runs; what it points to takes any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "api/handlers/changes.h"
#include "api/handlers/idempotency.h"
#include "api/handlers/library.h"
#include "api/handlers/workers.h"
#include "api/http/message.h"
#include "engine/machine/event.h"
#include "engine/ports/audit.h"
#include "engine/ports/clock.h"
#include "engine/ports/query_store.h"
#include "engine/runtime/engine.h"

namespace vozex::handlers {

// Where signed messages of one outside system come in, as /webhooks/<name>.
class WebhookSource {
 public:
  virtual ~WebhookSource() = default;
  virtual std::string_view name() const = 0;
  // Verifies the signature on the raw body, then normalises. May block: called on a worker. Errors:
  // class refused (signature or time: nobody we know), invalid (signed, but not what was agreed),
  // unavailable (try again).
  virtual Result<machine::Event> receive(const http::Request& request) = 0;
};

// A file that a download token stands for.
struct DownloadFile {
  std::string path;
  std::uint64_t size = 0;
  std::string content_type;
  std::string file_name;
  std::string etag;   // strong, with its quotes
  int remaining = 0;  // downloads that the link has left
};

struct DownloadRefusal {
  unsigned status = 404;  // 404 unknown, 410 expired, used up or revoked, 503
  std::string code;
  std::string message;
};

class Downloads {
 public:
  virtual ~Downloads() = default;
  // Judges and counts by its own rule (adapters/fulfillment/download_service.h). May block: called
  // on a worker.
  virtual tl::expected<DownloadFile, DownloadRefusal> open(std::string_view token,
                                                           std::string_view method,
                                                           std::string_view range) = 0;
};

struct Services {
  runtime::Engine* engine = nullptr;
  ports::QueryStore* queries = nullptr;
  ports::InboxStore* inbox = nullptr;
  ports::AuditLog* audit = nullptr;
  const ports::Clock* clock = nullptr;
  ports::Random* random = nullptr;
  Workers* workers = nullptr;
  Changes* changes = nullptr;
  Library* library = nullptr;
  InFlight* in_flight = nullptr;  // null: keys are not looked at while their request is under way
  std::vector<WebhookSource*> webhooks;
  Downloads* downloads = nullptr;  // null: none here
  std::string license_key;         // JSON, published at /.well-known/license-key; "" without
};

// The only tenant of this version.
inline constexpr const char* k_tenant = "default";

}  // namespace vozex::handlers
