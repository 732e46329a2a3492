// SPDX-License-Identifier: Apache-2.0
#include "api/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/json.h"

namespace vozex::program {
namespace {

constexpr std::size_t k_max_fields = 16;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos &&
         text != "time" && text != "level" && text != "message";
}

// Words `name=value` of a message are members of their own: what is searched for (order_id,
// event_id) needs no pattern.
void append_fields(std::string& out, std::string_view message) {
  std::vector<std::string_view> seen;
  while (!message.empty() && seen.size() < k_max_fields) {
    const auto blank = message.find(' ');
    const auto word = message.substr(0, blank);
    message = blank == std::string_view::npos ? std::string_view{} : message.substr(blank + 1);
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    if (equals == std::string_view::npos || equals + 1 == word.size() || !is_name(name) ||
        std::find(seen.begin(), seen.end(), name) != seen.end())
      continue;
    seen.push_back(name);
    out += ',';
    types::append_json_string(out, name);
    out += ':';
    types::append_json_string(out, word.substr(equals + 1));
  }
}

// %*: the message as a JSON string, and its fields as further members.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message,
              const std::tm&,
              spdlog::memory_buf_t& out) override {
    std::string text;
    types::append_json_string(text,
                              std::string_view(message.payload.data(), message.payload.size()));
    append_fields(text, std::string_view(message.payload.data(), message.payload.size()));
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

}  // namespace

void set_up_logging(std::string_view form) {
  if (form == "json") {
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<JsonMessage>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","message":%*})");
    auto logger =
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_formatter(std::move(formatter));
    spdlog::set_default_logger(std::move(logger));
  } else {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()));
    spdlog::set_pattern("%H:%M:%S.%e %^%l%$ %v");
  }
}

}  // namespace vozex::program
