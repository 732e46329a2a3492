// SPDX-License-Identifier: Apache-2.0
#include "engine/base/ids.h"

#include <algorithm>
#include <charconv>

#include "engine/base/sha256.h"

namespace vozex {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;  // one id, one text
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// "<uuid><mark><seq><mark><index>"
template <class Id>
std::optional<Id> parse_place(std::string_view text, char mark) {
  const std::size_t first = text.find(mark);
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find(mark, first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto instance = InstanceId::parse(text.substr(0, first));
  Id id;
  if (!instance || !parse_number(text.substr(first + 1, second - first - 1), id.seq) ||
      !parse_number(text.substr(second + 1), id.index)) {
    return std::nullopt;
  }
  id.instance = *instance;
  return id;
}

}  // namespace

std::string uuid_text(const Bytes16& bytes) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i)) text += '-';
    text += k_digits[bytes[i] >> 4];
    text += k_digits[bytes[i] & 15];
  }
  return text;
}

std::optional<Bytes16> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Bytes16 bytes{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return bytes;
}

Bytes16 digest128(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (std::string_view part : parts) {
    joined += std::to_string(part.size());
    joined += ':';
    joined += part;
  }
  const Sha256 digest = sha256(joined);
  Bytes16 bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return bytes;
}

MarkId mark_of(std::string_view tenant, std::string_view source, std::string_view event_id) {
  return MarkId{digest128({tenant, source, event_id})};
}

Shard shard_of(const InstanceId& root) { return root.bytes[15]; }

std::string CallId::text() const {
  return instance.text() + "/" + std::to_string(seq) + "/" + std::to_string(index);
}

std::optional<CallId> CallId::parse(std::string_view text) {
  return parse_place<CallId>(text, '/');
}

std::string TaskId::text() const {
  return instance.text() + "." + std::to_string(seq) + "." + std::to_string(index);
}

std::optional<TaskId> TaskId::parse(std::string_view text) {
  return parse_place<TaskId>(text, '.');
}

}  // namespace vozex
