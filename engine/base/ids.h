// SPDX-License-Identifier: Apache-2.0
//
// Identities. An id is 128 bits, written as a UUID; each kind of thing has its own type, so that an
// instance id can't stand where a mark is meant. New ids come from ports::Random; derived ids come
// from SHA-256 of what they are derived from, so that the same decision made twice has the same
// name.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace vozex {

using Bytes16 = std::array<std::uint8_t, 16>;

// Canonical 8-4-4-4-12 lower-case text; parse accepts either case and nothing else.
std::string uuid_text(const Bytes16& bytes);
std::optional<Bytes16> parse_uuid(std::string_view text);

// First 128 bits of SHA-256 over the parts, each preceded by its length, so that ("ab","c") and
// ("a","bc") differ.
Bytes16 digest128(std::initializer_list<std::string_view> parts);

template <class Tag>
struct Id {
  Bytes16 bytes{};

  auto operator<=>(const Id&) const = default;
  bool is_nil() const { return bytes == Bytes16{}; }
  std::string text() const { return uuid_text(bytes); }
  static std::optional<Id> parse(std::string_view text) {
    auto bytes = parse_uuid(text);
    if (!bytes) return std::nullopt;
    return Id{*bytes};
  }
};

using InstanceId = Id<struct InstanceTag>;
// De-duplication mark of one (tenant, source, event id).
using MarkId = Id<struct MarkTag>;
// An engine process's registration; see ports/store.h.
using SessionId = Id<struct SessionTag>;

// The mark of an event. `tenant` is the tenant's name.
MarkId mark_of(std::string_view tenant, std::string_view source, std::string_view event_id);

// Names the state an instance row was in: the token of the batch that wrote it. 0 = the row doesn't
// exist yet.
using Etag = std::uint64_t;

// One of 256 buckets of the root instance's id: leads every key of an instance-bound table.
using Shard = std::uint8_t;
Shard shard_of(const InstanceId& root);

// One durable call, named by the step that decided it: stable across retries and restarts.
struct CallId {
  InstanceId instance;
  std::uint32_t seq = 0;    // the instance's sequence number whose step decided the call
  std::uint16_t index = 0;  // position among that step's calls

  auto operator<=>(const CallId&) const = default;
  // "<uuid>/<seq>/<index>"
  std::string text() const;
  static std::optional<CallId> parse(std::string_view text);
};

// One entry in people's inbox, named by the step that opened it: a state that is entered anew opens
// another one.
struct TaskId {
  InstanceId instance;
  std::uint32_t seq = 0;    // the instance's sequence number whose step opened it
  std::uint16_t index = 0;  // position among the tasks that this step opened

  auto operator<=>(const TaskId&) const = default;
  // "<uuid>.<seq>.<index>"
  std::string text() const;
  static std::optional<TaskId> parse(std::string_view text);
};

}  // namespace vozex

template <class Tag>
struct std::hash<vozex::Id<Tag>> {
  std::size_t operator()(const vozex::Id<Tag>& id) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8) | id.bytes[15 - i];
    return value;
  }
};
