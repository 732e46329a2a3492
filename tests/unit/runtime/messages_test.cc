// SPDX-License-Identifier: Apache-2.0
// The texts that are written without making values first say what the values would.
#include "engine/runtime/items/messages.h"

#include <limits>
#include <memory>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "engine/runtime/calls/call_core.h"
#include "engine/types/json.h"
#include "tests/unit/types/generators.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;
using types::Value;

InstanceId instance(std::uint8_t byte) {
  InstanceId id;
  id.bytes.fill(byte);
  return id;
}

EventAnswer answer_of(std::size_t deliveries) {
  EventAnswer answer{"e \"1\"", Disposition::transitioned, {}};
  for (std::size_t i = 0; i < deliveries; ++i) {
    Delivery delivery;
    delivery.instance = instance(static_cast<std::uint8_t>(i + 1));
    delivery.workflow = "order";
    delivery.key = "k\n" + std::to_string(i);
    delivery.disposition = i == 0 ? Disposition::transitioned : Disposition::ignored;
    delivery.from = "open";
    delivery.to = i == 0 ? "paid" : "";
    delivery.seq = static_cast<std::uint32_t>(i) + 4'000'000'000u;
    delivery.note = i == 0 ? "" : "n\\ote";
    answer.deliveries.push_back(std::move(delivery));
  }
  return answer;
}

TEST(Messages, AnAnswersTextIsItsValue) {
  for (const std::size_t deliveries : {0u, 1u, 3u}) {
    const EventAnswer answer = answer_of(deliveries);
    const Value value = to_value(answer);
    EXPECT_EQ(to_json(answer), types::to_json(value));
    EXPECT_EQ(answer_text(answer, ""), types::to_json(value));
    EXPECT_EQ(answer_text(answer, "f\t"),
              types::to_json(value.with("fingerprint", Value::string("f\t"))));
  }
}

TEST(Messages, AnAnswerReadsBack) {
  ports::MarkRow row;
  row.answer = answer_text(answer_of(2), "print");
  EXPECT_EQ(fingerprint_of(row), "print");
  const EventAnswer again = first_answer(row, "e \"1\"");
  EXPECT_EQ(again.disposition, Disposition::duplicate);
  EXPECT_EQ(to_json({again.id, Disposition::transitioned, again.deliveries}),
            to_json(answer_of(2)));
}

struct Call {
  machine::OperationDecl operation;
  machine::StartCall call;
  machine::Snapshot by;
};

void fill_rest(Call& made) {
  made.operation.ask = "status";
  made.operation.ask_after = std::chrono::seconds(3);
  made.operation.read_only = true;
  made.call.timeout = std::chrono::seconds(7);
  made.call.retry.deadline = std::chrono::minutes(2);
  made.call.of = machine::InvocationRef{"pay", 2, 5};
  made.call.compensation = true;
  made.call.undoes = CallId{instance(9), 4, 1};
}

void fill(Call& made, bool everything) {
  made.operation.name = "charge";
  made.operation.repeat = machine::Repeat::safe;
  made.by.workflow = "order";
  made.by.version = 3;
  made.by.key = "o-1";
  made.call.idempotency_key = "key";
  made.call.input = Value::object({{"b", Value::integer(1)}, {"a", Value::string("\"")}});
  made.call.retry.attempts = 4;
  made.call.retry.factor = 1.5;
  made.call.retry.jitter = 0;
  if (everything) fill_rest(made);
  made.call.operation = std::make_shared<machine::OperationDecl>(made.operation);
}

TEST(Messages, ARequestsTextIsCanonicalAndReadsBack) {
  for (const bool everything : {false, true}) {
    Call made;
    fill(made, everything);
    const std::string text = request_text(made.call, made.by);
    const auto value = types::parse_json(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(types::to_json(*value), text);
    const auto spec = parse_request(text);
    ASSERT_TRUE(spec);
    EXPECT_EQ(spec->operation, "charge");
    EXPECT_EQ(spec->ask, made.operation.ask);
    EXPECT_EQ(spec->ask_after, made.operation.ask_after);
    EXPECT_EQ(spec->repeat, machine::Repeat::safe);
    EXPECT_EQ(spec->read_only, everything);
    EXPECT_EQ(spec->input, made.call.input);
    EXPECT_EQ(spec->idempotency_key, "key");
    EXPECT_EQ(spec->timeout, made.call.timeout.value_or(k_default_timeout));
    EXPECT_EQ(spec->retry.attempts, 4);
    EXPECT_EQ(spec->retry.backoff, made.call.retry.backoff);
    EXPECT_EQ(spec->retry.factor, 1.5);
    EXPECT_EQ(spec->retry.max, made.call.retry.max);
    EXPECT_EQ(spec->retry.jitter, 0);
    EXPECT_EQ(spec->retry.deadline, made.call.retry.deadline);
    EXPECT_EQ(spec->compensation, everything);
    EXPECT_EQ(spec->workflow, "order");
    EXPECT_EQ(spec->version, 3u);
    EXPECT_EQ(spec->instance_key, "o-1");
    ASSERT_EQ(spec->of.has_value(), everything);
    if (everything) {
      EXPECT_EQ(spec->of->invoke, "pay");
      EXPECT_EQ(spec->of->entry, 2u);
      EXPECT_EQ(spec->of->item, 5u);
      EXPECT_EQ(value->text_at("undoes"), made.call.undoes->text());
    }
  }
}

// Every member: who adds one has to name it here.
std::string text_of(const CallSpec& spec) {
  const auto& [of,
               operation,
               ask,
               ask_after,
               repeat,
               read_only,
               input,
               idempotency_key,
               timeout,
               retry,
               compensation,
               workflow,
               version,
               instance_key] = spec;
  const auto& [attempts, backoff, factor, max, jitter, deadline] = retry;
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
                     of ? of->invoke : "-",
                     of ? of->entry : 0,
                     of ? of->item : 0,
                     operation,
                     ask,
                     ask_after.count(),
                     static_cast<int>(repeat),
                     read_only,
                     types::to_json(input),
                     idempotency_key,
                     timeout.count(),
                     attempts,
                     backoff.count(),
                     factor,
                     max.count(),
                     jitter,
                     deadline ? deadline->count() : -1,
                     compensation,
                     workflow + "/" + std::to_string(version),
                     instance_key);
}

TEST(Messages, ACallIsWhatItsRowSays) {
  for (const bool everything : {false, true}) {
    Call made;
    fill(made, everything);
    const auto read = parse_request(request_text(made.call, made.by));
    const auto known = spec_of(made.call, made.by);
    ASSERT_TRUE(read && known);
    EXPECT_EQ(text_of(*known), text_of(*read));
  }
}

RC_GTEST_PROP(Messages, AnInputThatIsKnownIsTheOneThatIsRead, ()) {
  Call made;
  fill(made, true);
  made.call.input = *types::json_value(3);
  const auto known = spec_of(made.call, made.by);
  RC_ASSERT(known.has_value());
  const auto read = parse_request(request_text(made.call, made.by));
  RC_ASSERT(read.has_value());
  RC_ASSERT(known->input == read->input);
  RC_ASSERT(text_of(*known) == text_of(*read));
}

TEST(Messages, WhatWouldComeBackAsSomethingElseIsRead) {
  const Value moment = Value::timestamp(Timestamp{Duration{1}});
  for (const Value& input : {moment,
                             Value::duration(Duration{1}),
                             Value::bytes("b"),
                             Value::uint(1),
                             Value::real(std::numeric_limits<double>::infinity()),
                             Value::map({{Value::integer(1), Value::integer(2)}}),
                             Value::list({moment})}) {
    Call made;
    fill(made, true);
    made.call.input = input;
    EXPECT_FALSE(spec_of(made.call, made.by));
    OutgoingCall outgoing;
    outgoing.row.request = request_text(made.call, made.by);
    const auto read = spec_of(outgoing);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->idempotency_key, "key");
  }
}

}  // namespace
}  // namespace vozex::runtime
