// SPDX-License-Identifier: Apache-2.0
//
// StoreTest: the fixture of the conformance suite, and the rows its tests are made of. A test file
// names its own fixture with VOZEX_STORE_SUITE(Name); its TEST_Ps then run on every kind of store.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "engine/ports/store.h"
#include "tests/store/backend.h"

namespace vozex::store_test {

using machine::Disposition;
using machine::Life;
using ports::BindingKey;
using ports::BindingOp;
using ports::CallOp;
using ports::CallRow;
using ports::CallState;
using ports::CommitReply;
using ports::CommitRequest;
using ports::Group;
using ports::InstanceKey;
using ports::InstanceRow;
using ports::LoadReply;
using ports::LoadRequest;
using ports::Verdict;

inline Timestamp at(std::int64_t seconds) {
  return Timestamp(std::chrono::seconds(1'800'000'000 + seconds));
}

// Ids count up like time-ordered ones; the last byte, which is the shard, is spread.
InstanceId instance_id(std::uint32_t number);
MarkId mark_id(const std::string& name);
SessionId session_id(std::uint32_t number);
CallId call_id(std::uint32_t instance, std::uint32_t seq = 1, std::uint16_t index = 0);
InstanceKey key_of(const InstanceId& id);
InstanceKey key_of(std::uint32_t number);
BindingKey order_key(const std::string& key);                                    // the business key
BindingKey alias_key(const std::string& key, const std::string& alias = "pay");  // an alias

InstanceRow instance_row(std::uint32_t number);
ports::InstanceWrite insertion(std::uint32_t number);
// An update of a row that was written with `old`.
ports::InstanceWrite change(std::uint32_t number, Etag old, std::uint32_t seq = 2);
ports::InstanceWrite ending(std::uint32_t number, Etag old, std::uint32_t seq = 2);
ports::HistoryRow history_row(std::uint32_t number, std::uint32_t seq);
ports::MarkWrite mark(const std::string& name, const std::string& answer = "{}");
ports::BindingWrite take(const std::string& key, std::uint32_t instance, bool reusable = false);
ports::BindingWrite binding(BindingOp op, const BindingKey& key, std::uint32_t instance);
ports::ParkWrite park(const std::string& mark, std::vector<BindingKey> keys);
// Marks and parks an early event, as the runtime does.
Group parking(const std::string& mark, std::vector<BindingKey> keys);
CommitRequest request_of(Etag etag, std::vector<Group> groups);
CallRow call_row(const CallId& id);
ports::CallWrite call(CallOp op, const CallRow& row);
// Inserts the instance with its history, and takes `key` when it isn't "".
Group start(std::uint32_t number, const std::string& key = "");

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override;

  ports::Store& store() { return backend_->store(); }
  ports::LaneStore& lane() { return *lane_; }
  std::unique_ptr<ports::LaneStore> other_lane();
  Backend& backend() { return *backend_; }

  // A request with an etag of its own, kept in last_etag().
  CommitRequest request(std::vector<Group> groups);
  // Commits on lane(), which must answer.
  CommitReply commit(std::vector<Group> groups);
  Verdict commit_one(Group group);
  Etag last_etag() const { return last_etag_; }

  LoadReply load(const LoadRequest& request);
  std::vector<InstanceRow> load_instance(std::uint32_t number);
  std::vector<ports::BoundRow> holders(const BindingKey& key);
  std::vector<ports::ParkedRow> parked(const std::vector<BindingKey>& keys);
  std::vector<CallRow> calls();
  std::size_t history_size(std::uint32_t number);

 private:
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<ports::LaneStore> lane_;
  Etag last_etag_ = 0xFFFF'FFFF'FFFF'0000;  // above the signed range on purpose
};

// NOLINTBEGIN(bugprone-macro-parentheses): the name of a class
#define VOZEX_STORE_SUITE(Name)                                                                 \
  class Name : public StoreTest {};                                                             \
  INSTANTIATE_TEST_SUITE_P(Stores, Name, testing::ValuesIn(all_kinds()), [](const auto& kind) { \
    return to_string(kind.param);                                                               \
  })
// NOLINTEND(bugprone-macro-parentheses)

std::vector<Verdict> verdicts(const CommitReply& reply);

inline const ports::ShardSet k_all_shards = ports::ShardSet().set();

}  // namespace vozex::store_test
