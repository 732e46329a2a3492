// SPDX-License-Identifier: Apache-2.0
#include "tests/store/store_test.h"

#include <utility>

#include "engine/base/assert.h"

namespace vozex::store_test {
namespace {

template <class AnyId>
AnyId numbered(std::uint8_t kind, std::uint32_t number) {
  AnyId id;
  id.bytes[0] = kind;
  for (std::size_t i = 0; i < 4; ++i) {
    id.bytes[4 + i] = static_cast<std::uint8_t>(number >> (8 * (3 - i)));
  }
  id.bytes[15] = static_cast<std::uint8_t>(number * 37);
  return id;
}

}  // namespace

InstanceId instance_id(std::uint32_t number) { return numbered<InstanceId>(1, number); }
SessionId session_id(std::uint32_t number) { return numbered<SessionId>(2, number); }
MarkId mark_id(const std::string& name) { return mark_of("acme", "test", name); }

CallId call_id(std::uint32_t instance, std::uint32_t seq, std::uint16_t index) {
  return {instance_id(instance), seq, index};
}

InstanceKey key_of(const InstanceId& id) { return {shard_of(id), id}; }
InstanceKey key_of(std::uint32_t number) { return key_of(instance_id(number)); }
BindingKey order_key(const std::string& key) { return {"acme", "order", key}; }
BindingKey alias_key(const std::string& key, const std::string& alias) {
  return {"acme", "order#" + alias, key};
}

InstanceRow instance_row(std::uint32_t number) {
  InstanceRow row;
  row.id = row.root = instance_id(number);
  row.shard = shard_of(row.id);
  row.tenant = "acme";
  row.workflow = "order";
  row.version = 3;
  row.key = "key-" + std::to_string(number);
  row.seq = 1;
  row.state = "live.paying";
  row.status = "open";
  row.at = row.started_at = at(number);
  row.input = R"({"amount":1})";
  row.data = R"({"paid":false})";
  row.rt = R"({"f":1})";
  return row;
}

ports::InstanceWrite insertion(std::uint32_t number) {
  ports::InstanceWrite write;
  write.row = instance_row(number);
  return write;
}

ports::InstanceWrite change(std::uint32_t number, Etag old, std::uint32_t seq) {
  ports::InstanceWrite write = insertion(number);
  write.old = old;
  write.row.seq = seq;
  write.row.state = "live.packing";
  write.row.at = at(number + seq);
  return write;
}

ports::InstanceWrite ending(std::uint32_t number, Etag old, std::uint32_t seq) {
  ports::InstanceWrite write = change(number, old, seq);
  write.row.life = Life::completed;
  write.row.state = "done";
  write.row.output = R"({"ok":true})";
  return write;
}

ports::HistoryRow history_row(std::uint32_t number, std::uint32_t seq) {
  const InstanceId id = instance_id(number);
  return {shard_of(id), id, seq, Disposition::transitioned, at(seq), R"({"e":1})"};
}

ports::MarkWrite mark(const std::string& name, const std::string& answer) {
  ports::MarkWrite write;
  write.mark = mark_id(name);
  write.disposition = Disposition::transitioned;
  write.answer = answer;
  return write;
}

ports::BindingWrite take(const std::string& key, std::uint32_t instance, bool reusable) {
  return {BindingOp::take_key, order_key(key), key_of(instance), reusable};
}

ports::BindingWrite binding(BindingOp op, const BindingKey& key, std::uint32_t instance) {
  return {op, key, key_of(instance), false};
}

ports::ParkWrite park(const std::string& mark, std::vector<BindingKey> keys) {
  return {mark_id(mark), std::move(keys), R"({"event":")" + mark + "\"}", at(1000)};
}

CommitRequest request_of(Etag etag, std::vector<Group> groups) {
  CommitRequest request;
  request.etag = etag;
  request.groups = std::move(groups);
  return request;
}

Group parking(const std::string& name, std::vector<BindingKey> keys) {
  Group group;
  ports::MarkWrite write = mark(name, R"({"parked":true})");
  write.disposition = Disposition::waiting;
  group.marks.push_back(write);
  group.parks.push_back(park(name, std::move(keys)));
  return group;
}

CallRow call_row(const CallId& id) {
  CallRow row;
  row.id = id;
  row.shard = shard_of(id.instance);
  row.tenant = "acme";
  row.adapter = "mail";
  row.owner = session_id(1);
  row.next_at = at(0);
  row.decided_at = at(0);
  row.request = R"({"to":"x"})";
  return row;
}

ports::CallWrite call(CallOp op, const CallRow& row) { return {op, row, row.owner, row.attempt}; }

Group start(std::uint32_t number, const std::string& key) {
  Group group;
  group.instances.push_back(insertion(number));
  group.history.push_back(history_row(number, 1));
  if (!key.empty()) group.bindings.push_back(take(key, number));
  return group;
}

void StoreTest::SetUp() {
  std::string why;
  backend_ = make_backend(GetParam(), why);
  if (backend_ == nullptr) GTEST_SKIP() << why;
  auto lane = store().open_lane();
  ASSERT_TRUE(lane.has_value()) << lane.error().message;
  lane_ = std::move(*lane);
}

std::unique_ptr<ports::LaneStore> StoreTest::other_lane() {
  auto lane = backend_->other_process().open_lane();
  VOZEX_ASSERT(lane.has_value());
  return std::move(*lane);
}

CommitRequest StoreTest::request(std::vector<Group> groups) {
  CommitRequest request = request_of(++last_etag_, std::move(groups));
  request.session = session_id(1);
  request.now = at(0);
  return request;
}

CommitReply StoreTest::commit(std::vector<Group> groups) {
  auto reply = lane_->commit(request(std::move(groups)));
  if (!reply) {
    ADD_FAILURE() << reply.error().code << ": " << reply.error().message;
    return {};
  }
  return *reply;
}

Verdict StoreTest::commit_one(Group group) {
  const CommitReply reply = commit({std::move(group)});
  return reply.verdicts.empty() ? Verdict::stale : reply.verdicts[0].verdict;
}

LoadReply StoreTest::load(const LoadRequest& request) {
  auto reply = lane_->load(request);
  if (!reply) {
    ADD_FAILURE() << reply.error().code << ": " << reply.error().message;
    return {};
  }
  return *reply;
}

std::vector<InstanceRow> StoreTest::load_instance(std::uint32_t number) {
  return load({{key_of(number)}, {}, {}, {}}).instances;
}

std::vector<ports::BoundRow> StoreTest::holders(const BindingKey& key) {
  return load({{}, {key}, {}, {}}).bindings;
}

std::vector<ports::ParkedRow> StoreTest::parked(const std::vector<BindingKey>& keys) {
  return load({{}, {}, {}, keys}).parked;
}

std::vector<CallRow> StoreTest::calls() {
  return store().queries().calls({std::nullopt, {}, {}, {}}, 1000).value();
}

std::size_t StoreTest::history_size(std::uint32_t number) {
  return store().queries().history(instance_id(number), 0, 1000).value().size();
}

std::vector<Verdict> verdicts(const CommitReply& reply) {
  std::vector<Verdict> verdicts;
  for (const auto& verdict : reply.verdicts) verdicts.push_back(verdict.verdict);
  return verdicts;
}

}  // namespace vozex::store_test
