// SPDX-License-Identifier: Apache-2.0
//
// Bulk: what a batch of ops (ports/batches.h) means, without I/O: its order as JSON, which
// instances it is about, what it would do to one, the event that does it, what an answer says of
// it, and when how many may be done next. "Batch" alone is what a lane commits in this folder,
// hence the name. bulk_driver.h runs it. Values only. Tests: tests/unit/runtime/bulk_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/machine/event.h"
#include "engine/machine/snapshot.h"
#include "engine/ports/batches.h"
#include "engine/ports/query_store.h"
#include "engine/runtime/engine.h"

namespace vozex::runtime {

// Persisted by name.
enum class BulkOperation : std::uint8_t {
  cancel,
  retry,  // dead calls go out again; what is held is resumed, what ops suspended stays so
  skip,   // drops the event that holds the instance
  resume,
  suspend,
  migrate,
  move,
  patch,
};
const char* to_string(BulkOperation operation);
std::optional<BulkOperation> bulk_operation(std::string_view word);

// Live instances that fit all members.
struct BulkQuery {
  std::string workflow;
  std::uint32_t version = 0;  // 0 any
  std::string state;          // path or a parent of it
  std::optional<machine::Life> life;
  bool incident = false;    // has an open one
  bool dead_calls = false;  // has one at least
  std::string key;
  InstanceId root;  // nil any

  // Nothing is said: it would be all instances there are.
  bool is_empty() const;
};

struct BulkOrder {
  BulkOperation operation = BulkOperation::suspend;
  BulkQuery query;
  std::uint32_t to_version = 0;  // migrate
  std::string target;            // move: full path of a state
  types::Value data;             // patch: a JSON merge patch
  machine::Actor actor;
  std::string reason;
};
types::Value to_value(const BulkOrder& order);
// Error class corrupt.
Result<BulkOrder> parse_bulk_order(std::string_view json);

// A page of candidates after `after`; those that don't fit() are left out.
ports::InstanceFilter filter_of(const BulkQuery& query,
                                const std::string& tenant,
                                const InstanceId& after);
// `dead` are the instance's dead calls.
bool fits(const BulkQuery& query,
          const ports::InstanceRow& row,
          const std::vector<ports::CallRow>& dead);
// Whether the dead calls have to be known to judge an instance.
bool needs_calls(const BulkOrder& order);

// Whether the operation would be taken by an instance as it is now; else code and reason.
struct BulkForecast {
  bool would = false;
  std::string code;
  std::string note;
};
BulkForecast forecast(const BulkOrder& order,
                      const ports::InstanceRow& row,
                      std::size_t dead_calls);

// The event that does it. Its id follows from batch and instance: done twice it is a duplicate.
machine::Event bulk_event(const BulkOrder& order,
                          const ports::BatchId& batch,
                          const InstanceId& instance,
                          Timestamp now);
// The result; nothing when nobody knows yet and the item is to be tried again.
std::optional<ports::BatchItem> bulk_result(const InstanceId& instance,
                                            const Result<EventAnswer>& answer,
                                            Timestamp now);

inline constexpr std::size_t k_bulk_chunk = 100;  // items in flight at once, at most
inline constexpr std::size_t k_bulk_chunk_step = 5;
inline constexpr Duration k_bulk_patience{std::chrono::milliseconds{10}};

// When how many may be done. With a rate, so many a second. Without one, a batch gives way to live
// traffic: chunks that are answered late are halved, others grow (as congestion windows do), so
// that nobody waits long behind one; and after each the batch rests for as long as that took. Not
// persisted: a process that takes over begins small, and with a full allowance.
class BulkPace {
 public:
  // At most k_bulk_chunk; 0: not before next().
  std::size_t room(std::uint32_t rate, Timestamp now) const;
  void did(std::size_t count, std::uint32_t rate, Timestamp begun, Timestamp now);
  Timestamp next() const { return next_; }

 private:
  std::size_t chunk_ = 2 * k_bulk_chunk_step;
  Timestamp next_{};
};

inline constexpr std::size_t k_bulk_page = 200;   // instances looked at in one round of listing
inline constexpr std::size_t k_bulk_calls = 100;  // dead calls of one instance
inline constexpr Duration k_bulk_max_rest{std::chrono::seconds{1}};
inline constexpr std::uint64_t k_max_bulk_items = 1'000'000;
inline constexpr std::uint32_t k_max_bulk_rate = 100'000;

}  // namespace vozex::runtime
