// SPDX-License-Identifier: Apache-2.0
#include "engine/types/validate_words.h"

#include "engine/types/json.h"

namespace vozex::types {

std::string pointer_to(const Place* place) {
  if (place == nullptr || place->up == nullptr) return "";
  std::string pointer = pointer_to(place->up) + "/";
  if (place->is_index) return pointer + std::to_string(place->index);
  for (const char c : place->member) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string quoted(std::string_view text) {
  std::string out;
  if (text.size() <= k_max_quoted) {
    append_json_string(out, text);
    return out;
  }
  std::size_t end = k_max_quoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  append_json_string(out, text.substr(0, end));
  return out + "... (" + std::to_string(text.size()) + " bytes)";
}

std::string number_text(double number) {
  std::string text = to_json(Value::real(number));
  if (text.size() > 2 && text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string what_came(const Value& value) {
  switch (value.kind()) {
    case Kind::string: return "string " + quoted(value.as_string());
    case Kind::boolean:
    case Kind::integer:
    case Kind::uint:
    case Kind::real: return std::string(to_string(value.kind())) + " " + to_json(value);
    case Kind::map: return "an object";
    case Kind::list: return "a list";
    case Kind::null:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::optional:
    case Kind::type: return to_string(value.kind());
  }
  return "nothing";
}

std::string what_was_wanted(const Type& type) {
  if (type.kind == TypeKind::object) {
    return type.name.empty() ? "an object" : type.name + " (an object)";
  }
  if (type.kind == TypeKind::money) return "money like {\"minor\": 4900, \"currency\": \"EUR\"}";
  if (type.kind == TypeKind::timestamp) return "timestamp like \"2026-11-20T10:00:00Z\"";
  if (type.kind == TypeKind::duration) return "duration like \"1h30m\" or \"PT90M\"";
  if (type.kind == TypeKind::bytes) return "bytes as base64";
  return to_string(type);
}

}  // namespace vozex::types
