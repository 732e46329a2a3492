// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <random>
#include <string>

#include "engine/machine/lossless.h"
#include "engine/types/depth.h"
#include "engine/types/json.h"

namespace vozex::machine {
namespace {

using types::Value;

Value random_value(std::mt19937& dice, int depth) {
  const auto text = [&] {
    return std::string(dice() % 4, static_cast<char>("$a\n\"\xc3"[dice() % 4]));
  };
  switch (dice() % (depth > 0 ? 13u : 10u)) {
    case 0: return Value();
    case 1: return Value::boolean(dice() % 2 == 0);
    case 2: return Value::integer(static_cast<std::int64_t>(dice()) - 2'000'000'000);
    case 3: return Value::uint(dice());
    case 4: return Value::real(static_cast<double>(dice()) / 7.0);
    case 5: return Value::string(text());
    case 6: return Value::bytes(std::string(1, static_cast<char>(dice() % 256)));
    case 7: return Value::timestamp(types::SecondsNanos{static_cast<std::int64_t>(dice()), 250});
    case 8:
      return Value::duration(
          types::SecondsNanos{static_cast<std::int64_t>(dice() % 9999), 5'000'000});
    case 9: return Value::real(dice() % 2 == 0 ? 1.0 : -1e300 * 1e300);
    case 10: {
      Value::List items;
      for (std::uint32_t i = dice() % 4; i > 0; --i) items.push_back(random_value(dice, depth - 1));
      return Value::list(std::move(items));
    }
    case 11:
      return dice() % 3 == 0 ? Value::optional_none()
                             : Value::optional_of(random_value(dice, depth - 1));
    default: {
      Value::Map map;
      for (std::uint32_t i = dice() % 4; i > 0; --i) {
        Value key = dice() % 4 == 0 ? Value::integer(static_cast<std::int64_t>(dice() % 5))
                                    : Value::string(text());
        map.push_back({std::move(key), random_value(dice, depth - 1)});
      }
      return Value::map(std::move(map));
    }
  }
}

TEST(Lossless, EveryKindComesBackAsItself) {
  rc::check("values round trip", [](std::uint32_t seed) {
    std::mt19937 dice(seed);
    const Value value = random_value(dice, 4);
    std::string text;
    append_lossless(text, value);
    const auto plain = types::parse_json(text);
    RC_ASSERT(plain.has_value());
    const auto back = from_plain(*plain);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->kind() == value.kind());
    std::string again;
    append_lossless(again, *back);
    RC_ASSERT(again == text);
  });
}

TEST(Lossless, AMapThatLooksLikeOursIsNotMistaken) {
  const Value tricky = Value::object({{"$timestamp", Value::string("2020-01-01T00:00:00Z")}});
  const auto back = from_plain(to_plain(tricky));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, tricky);
  EXPECT_FALSE(from_plain(Value::object({{"$duration", Value::string("soon")}})));
  EXPECT_FALSE(from_plain(Value::object({{"$bytes", Value::string("0g")}})));
  EXPECT_FALSE(from_plain(Value::object({{"$what", Value::string("x")}})));
}

Event event_with(Cause cause) {
  Event event;
  event.id = "e1";
  event.source = "test";
  event.name = "x.y";
  event.time = Timestamp{std::chrono::microseconds{1'700'000'000'000'000}};
  event.data = Value::object({{"at", Value::timestamp(event.time)}});
  event.subject = "s";
  event.tenant = "t";
  event.causation = {3, 7, 1000};
  event.cause = std::move(cause);
  return event;
}

TEST(Events, OfEveryCauseComeBackTheSame) {
  const Actor ann{"ann", {"ops", "it"}};
  CallEnded call;
  call.call = CallId{InstanceId{}, 7, 2};
  call.error = {"declined", "no money", true, 3, Value::object({{"limit", Value::integer(5)}})};
  ChildEnded child;
  child.of = {"pay", 4, 1};
  child.child.bytes[0] = 9;
  child.ok = true;
  child.final = true;
  child.result = Value::object({{"n", Value::integer(1)}});
  const Cause causes[] = {
      External{},
      TimerDue{"a.b", k_task_timer, 5, Timestamp{std::chrono::microseconds{5}}},
      call,
      child,
      ActionTaken{"accept", ann, Value::object({{"note", Value::string("ok")}})},
      Moved{"a", ann, "why"},
      Patched{Value::object({{"n", Value()}}), ann, "why"},
      Resumed{ann, "why"},
      Suspended{ann, "why"}};
  for (const Cause& cause : causes) {
    const Value encoded = encode_event(event_with(cause));
    const auto back = decode_event(encoded);
    ASSERT_TRUE(back) << types::to_json(encoded);
    EXPECT_EQ(back->cause.index(), cause.index());
    EXPECT_EQ(types::to_json(encode_event(*back)), types::to_json(encoded));
    // As stored: through text.
    const auto text = types::parse_json(types::to_json(encoded));
    ASSERT_TRUE(text);
    EXPECT_TRUE(decode_event(*text));
  }
}

TEST(Events, ThatAreDamagedAreErrors) {
  EXPECT_FALSE(decode_event(Value::string("x")));
  EXPECT_FALSE(decode_event(Value::object({{"name", Value::integer(5)}})));
  EXPECT_FALSE(
      decode_event(Value::object({{"cause", Value::object({{"kind", Value::string("magic")}})}})));
  EXPECT_FALSE(decode_event(Value::object({{"depth", Value::integer(4000)}})));
  EXPECT_FALSE(decode_event(Value::object(
      {{"cause",
        Value::object({{"kind", Value::string("call")}, {"call", Value::string("no id")}})}})));
}

// Two states, one in the other.
Machine small_machine() {
  Machine machine;
  machine.workflow = "small";
  machine.states.resize(4);
  const auto set =
      [&](StateIndex index, const char* id, const char* path, StateIndex parent, StateIndex end) {
        State& state = machine.states[index];
        state.id = id;
        state.path = path;
        state.index = index;
        state.parent = parent;
        state.end = end;
        if (parent != k_no_state) machine.states[parent].children.push_back(index);
      };
  set(0, "", "", k_no_state, 4);
  set(1, "a", "a", 0, 3);
  set(2, "b", "a.b", 1, 3);
  set(3, "c", "c", 0, 4);
  machine.states[0].kind = StateKind::compound;
  machine.states[1].kind = StateKind::compound;
  machine.data =
      types::object_of({{"at", types::simple_type(types::TypeKind::timestamp), {}, false, ""}});
  return machine;
}

Snapshot small_snapshot() {
  Snapshot snapshot;
  snapshot.workflow = "small";
  snapshot.input = Value::map({});
  snapshot.data = Value::object({{"at", Value::timestamp(Timestamp{std::chrono::seconds{100}})}});
  snapshot.configuration = {1, 2};
  snapshot.status = "open";
  snapshot.timers.push_back({2, 0, 3, Timestamp{std::chrono::seconds{50}}});
  snapshot.keys = {"ref=x"};
  return snapshot;
}

TEST(Snapshots, ComeBackWithTheKindsTheirTypesDeclare) {
  const Machine machine = small_machine();
  const StoredSnapshot stored = encode(machine, small_snapshot());
  EXPECT_EQ(stored.data, R"({"at":"1970-01-01T00:01:40Z"})");
  Snapshot back;
  ASSERT_TRUE(decode(machine, stored, back));
  EXPECT_EQ(back.data.find("at")->kind(), types::Kind::timestamp);
  EXPECT_EQ(back.configuration, (std::vector<StateIndex>{1, 2}));
  EXPECT_EQ(back.timers.at(0).due, Timestamp{std::chrono::seconds{50}});
}

TEST(Snapshots, NameStatesByPathAndCanonically) {
  EXPECT_EQ(
      encode(small_machine(), small_snapshot()).rt,
      R"({"format":1,"keys":["ref=x"],"states":["a.b"],"status":"open","timers":[["a.b",0,3,50000000]]})");
}

// For who doesn't know the machine: as if encode() had written it.
TEST(Snapshots, TakeAnIncidentWithoutTheirMachine) {
  const Machine machine = small_machine();
  Snapshot snapshot = small_snapshot();
  std::string rt = encode(machine, snapshot).rt;
  for (const char* code : {"first", "second"}) {
    Incident incident;
    incident.seq = 7;
    incident.code = code;
    incident.message = "a \"message\"\n";
    incident.at = Timestamp{std::chrono::seconds{100}};
    incident.holds = true;
    incident.state = "a.b";
    snapshot.incidents.push_back(incident);
    const auto added = add_incident(rt, incident);
    ASSERT_TRUE(added) << added.error().message;
    rt = *added;
    EXPECT_EQ(rt, encode(machine, snapshot).rt);
  }
  EXPECT_FALSE(add_incident("nonsense", snapshot.incidents[0]));
  EXPECT_FALSE(add_incident("[]", snapshot.incidents[0]));
  EXPECT_FALSE(add_incident(R"({"incidents":1})", snapshot.incidents[0]));
}

// Events from outside may be as deep as JSON may be, and a snapshot keeps many.
TEST(Snapshots, OfManyDeepEventsComeBack) {
  const Machine machine = small_machine();
  Snapshot snapshot = small_snapshot();
  Value deep = Value::string(std::string(20'000, 'x'));
  for (std::size_t i = 0; i < types::k_max_value_depth; ++i)
    deep = i % 2 == 0 ? Value::list({deep})
                      : Value::map({{Value::integer(1), Value::optional_of(deep)}});
  for (int i = 0; i < 400; ++i) {
    Event event;
    event.id = std::to_string(i);
    event.name = "late";
    event.data = Value::object({{"d", deep}});
    snapshot.deferred.push_back(event);
  }
  const StoredSnapshot stored = encode(machine, snapshot);
  Snapshot again = small_snapshot();
  again.deferred.clear();
  const auto read = decode(machine, stored, again);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(again.deferred.size(), 400U);
  EXPECT_EQ(again.deferred.back().data, snapshot.deferred.back().data);
}

// One of everything that a row could hold before causation and room were counted.
Snapshot full_snapshot() {
  Snapshot snapshot = small_snapshot();
  const auto at = [](int seconds) { return Timestamp{std::chrono::seconds{seconds}}; };
  InstanceId own;
  own.bytes = {1, 2, 3};
  InstanceId other;
  other.bytes = {9, 8, 7};
  const CallId call{own, 2, 0};
  Event event = event_with(External{});
  event.causation = {3};
  event.data = Value::object({{"n", Value::integer(1)}});
  snapshot.deferred = {event};
  event.cause = TimerDue{"a.b", 0, 3, at(50)};
  snapshot.queued = {event};
  snapshot.sends.push_back({"s", "tick", Value::object({{"n", Value::integer(2)}}), 4, at(60)});
  snapshot.parent = ParentRef{other, {"kids", 2, 5}};
  Invocation invocation;
  invocation.invoke = "many";
  invocation.state = 2;
  invocation.entry = 2;
  invocation.items.push_back(
      {Value::integer(1), ItemStatus::done, Value::string("r"), {}, call, {}});
  invocation.items.push_back({Value::integer(2), ItemStatus::running, {}, {}, {}, other});
  ErrorInfo error;
  error.code = "declined";
  error.message = "no money";
  invocation.items.push_back({Value::integer(3), ItemStatus::failed, {}, error, {}, {}});
  invocation.items.push_back({Value::integer(4), ItemStatus::waiting, {}, {}, {}, {}});
  snapshot.invocations.push_back(std::move(invocation));
  snapshot.undo.push_back(
      {call, "bank.give_back", Value::object({{"ref", Value::string("r")}}), false, std::nullopt});
  snapshot.approvals.push_back({2, "accept", {"ann"}});
  OpenTask task;
  task.state = 2;
  task.entry = 3;
  task.title = "Look";
  task.queue = "q";
  task.roles = {"ops"};
  task.opened_at = at(40);
  task.due = at(90);
  snapshot.tasks.push_back(task);
  snapshot.incidents.push_back({3, "declined", "no money", at(45), false, "a.b", call});
  snapshot.replied = true;
  return snapshot;
}

std::string before_bounds() {
  std::ifstream file(VOZEX_SOURCE_DIR "/tests/golden/snapshots/before_bounds.json");
  std::string text;
  EXPECT_TRUE(std::getline(file, text));
  return text;
}

// The file was written by the program from before there were bounds. What has used up nothing of
// them is written as it was, so that an older program beside this one reads every byte it knows.
TEST(Snapshots, FromBeforeBoundsWereCountedAreReadAndWrittenAsTheyWere) {
  const Machine machine = small_machine();
  const StoredSnapshot stored{"{}", R"({"at":"1970-01-01T00:01:40Z"})", before_bounds()};
  Snapshot back = small_snapshot();
  back.causation = {5, 6, 7};
  back.turn_seq = 9;
  back.own_steps.count = 3;
  const auto read = decode(machine, stored, back);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(back.causation, Causation{});
  EXPECT_EQ(back.turn_seq, 0u);
  EXPECT_EQ(back.own_steps, OwnSteps{});
  ASSERT_TRUE(back.parent);
  EXPECT_EQ(back.parent->depth, 1u);
  EXPECT_EQ(back.parent->room, k_max_family);
  ASSERT_EQ(back.invocations.size(), 1u);
  EXPECT_EQ(back.invocations[0].items.at(1).status, ItemStatus::running);
  EXPECT_EQ(back.deferred.at(0).causation, Causation{3});
  EXPECT_EQ(encode(machine, back).rt, stored.rt);
  EXPECT_EQ(encode(machine, full_snapshot()).rt, stored.rt);
}

// What this program writes and an older one doesn't know, that one treats as this one treats what
// it doesn't know.
TEST(Snapshots, WhatIsNotKnownIsReadOverAndNotWrittenAgain) {
  const Machine machine = small_machine();
  std::string text = before_bounds();
  const auto add = [&text](const std::string& before, const std::string& member) {
    const std::size_t at = text.find(before);
    ASSERT_NE(at, std::string::npos) << before;
    text.insert(at, member);
  };
  add("\"format\":1", R"("aaa_later":[1,{"x":2}],)");
  add("\"entry\":2,\"invoke\"", R"("aaa_later":5,)");
  add("\"item\":1", R"("aaa_later":"five",)");
  add("\"id\":\"e1\"", R"("aaa_later":true,)");
  Snapshot back = small_snapshot();
  const auto read = decode(machine, {"{}", "{}", text}, back);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(encode(machine, back).rt, before_bounds());
}

TEST(Snapshots, BoundsThatAreUsedInPartComeBack) {
  const Machine machine = small_machine();
  Snapshot snapshot = full_snapshot();
  snapshot.causation = {1, 2, 3};
  snapshot.turn_seq = 4;
  snapshot.own_steps = {Timestamp{std::chrono::seconds{70}}, 5};
  snapshot.parent->depth = 6;
  snapshot.parent->room = 7;
  Snapshot back;
  ASSERT_TRUE(decode(machine, encode(machine, snapshot), back));
  EXPECT_EQ(back.causation, snapshot.causation);
  EXPECT_EQ(back.turn_seq, 4u);
  EXPECT_EQ(back.own_steps, snapshot.own_steps);
  EXPECT_EQ(back.parent->depth, 6u);
  EXPECT_EQ(back.parent->room, 7u);
}

struct Damage {
  const char* rt;
  const char* code;
};

TEST(Snapshots, DamagedTextIsAnError) {
  const Damage k_damages[] = {
      {"", "corrupt_snapshot"},
      {"[]", "corrupt_snapshot"},
      {R"({"format":2})", "corrupt_snapshot"},
      {R"({"format":1,"states":["a"]})", "corrupt_snapshot"},        // a child is missing
      {R"({"format":1,"states":["a.b","c"]})", "corrupt_snapshot"},  // both at once
      {R"({"format":1,"states":["a.b","nowhere"]})", "unknown_state"},
      {R"({"format":1,"states":["c"],"timers":[["c",0,1]]})", "corrupt_snapshot"},
      {R"({"format":1,"states":["c"],"timers":[["x",0,1,1]]})", "unknown_state"},
      {R"({"format":1,"states":["c"],"status":5})", "corrupt_snapshot"},
      {R"({"format":1,"states":["c"],"invocations":[{"items":[{"status":9}]}]})",
       "corrupt_snapshot"},
      {R"({"format":1,"states":["c"],"undo":[{"call":"x"}]})", "corrupt_snapshot"},
      {R"({"format":1,"states":["c"],"own_steps":[1]})", "corrupt_snapshot"},
      {R"({"format":1,"states":["c"],"own_steps":"many"})", "corrupt_snapshot"},
      {R"({"format":1,"states":["c"],"deferred":[5]})", "corrupt_snapshot"},
      {R"({"format":1,"states":["c"],"output":{"$duration":"x"}})", "corrupt_snapshot"},
  };
  for (const Damage& damage : k_damages) {
    Snapshot back;
    const auto result = decode(small_machine(), {"{}", "{}", damage.rt}, back);
    ASSERT_FALSE(result) << damage.rt;
    EXPECT_EQ(result.error().code, damage.code) << damage.rt;
    EXPECT_EQ(result.error().kind, ErrorClass::corrupt);
  }
}

TEST(History, SaysWhatCameAndWhatChangedAndHidesSecrets) {
  Machine machine = small_machine();
  machine.data =
      types::object_of({{"token", types::simple_type(types::TypeKind::secret), {}, false, ""},
                        {"n", types::simple_type(types::TypeKind::integer), {}, false, ""}});
  Snapshot before = small_snapshot();
  before.data = Value::object({{"gone", Value::integer(1)}, {"n", Value::integer(1)}});
  Snapshot after = before;
  after.data = Value::object({{"n", Value::integer(2)}, {"token", Value::string("vault:1")}});
  after.configuration = {3};
  const std::string text = encode_history(machine,
                                          earlier(machine, before),
                                          after,
                                          event_with(External{}),
                                          Disposition::transitioned,
                                          {},
                                          {});
  const auto entry = types::parse_json(text);
  ASSERT_TRUE(entry) << text;
  EXPECT_EQ(types::to_json(*entry->find("data")),
            R"json({"gone":null,"n":2,"token":"(secret)"})json");
  EXPECT_EQ(entry->text_at("from"), "a.b");
  EXPECT_EQ(entry->text_at("to"), "c");
  EXPECT_EQ(types::to_json(*entry), text) << "canonical";
}

}  // namespace
}  // namespace vozex::machine
