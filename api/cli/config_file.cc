// SPDX-License-Identifier: Apache-2.0
// The configuration file: YAML, read by the language's reader, so its traps are closed here too.
#include <charconv>
#include <filesystem>

#include "api/cli/files.h"
#include "api/cli/settings.h"
#include "engine/language/source_text.h"
#include "engine/language/yaml_reader.h"
#include "engine/types/notation.h"
#include "engine/types/validate.h"

namespace vozex::cli {
namespace {

using language::Node;
using types::Value;

Value scalar_value(const Node& node) {
  if (!node.is_plain()) return Value::string(node.text);
  if (node.text == "true" || node.text == "false") return Value::boolean(node.text == "true");
  if (node.text == "null" || node.text == "~") return Value();
  std::int64_t number = 0;
  const char* end = node.text.data() + node.text.size();
  const auto parsed = std::from_chars(node.text.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return Value::integer(number);
  return Value::string(node.text);
}

Value value_of(const Node& node) {
  if (node.is_scalar()) return scalar_value(node);
  if (node.is_sequence()) {
    Value::List list;
    for (const Node& item : node.items) list.push_back(value_of(item));
    return Value::list(std::move(list));
  }
  if (!node.is_map()) return Value();
  Value::Map map;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    map.push_back({Value::string(node.keys[i].text), value_of(node.items[i])});
  }
  return Value::map(std::move(map));
}

using Fields = std::vector<std::pair<const char*, const char*>>;

std::vector<types::Field> declared(const Fields& fields) {
  std::vector<types::Field> all;
  for (const auto& [name, notation] : fields) {
    types::Field field;
    field.name = name;
    field.type = *types::parse_type(notation, [](std::string_view) { return types::TypeRef(); });
    all.push_back(std::move(field));
  }
  return all;
}

types::TypeRef config_type() {
  std::vector<types::Field> fields = declared({{"listen", "optional<string>"},
                                               {"store", "optional<string>"},
                                               {"workflows", "optional<list<string>>"},
                                               {"state", "optional<string>"},
                                               {"artifacts", "optional<string>"},
                                               {"public_url", "optional<string>"},
                                               {"signing_key", "optional<string>"},
                                               {"log", "optional<enum(console|json)>"},
                                               {"keys", "optional<map<string>>"},
                                               {"gateways", "optional<json>"},
                                               {"adapters", "optional<json>"},
                                               {"config", "optional<json>"},
                                               {"lanes", "optional<int>"},
                                               {"threads", "optional<int>"},
                                               {"session_lease", "optional<duration>"},
                                               {"session_beat", "optional<duration>"},
                                               {"max_queued_events", "optional<int>"},
                                               {"max_parked_events", "optional<int>"},
                                               {"max_parked_time", "optional<duration>"}});
  types::Field retention;
  retention.name = "retention";
  retention.type =
      types::optional_of(types::object_of(declared({{"ended", "optional<duration>"},
                                                    {"marks", "optional<duration>"},
                                                    {"batches", "optional<duration>"},
                                                    {"archive", "optional<string>"},
                                                    {"every", "optional<duration>"}})));
  fields.push_back(std::move(retention));
  return types::object_of(std::move(fields));
}

Failure invalid(const std::string& path, const std::string& what) {
  return fail(
      ErrorClass::invalid, "config_invalid", path + " is not a valid configuration: " + what);
}

Result<Value> read_config(const std::string& path) {
  auto text = read_file(path);
  if (!text) return fail(ErrorClass::invalid, "config_unreadable", text.error().message);
  const language::SourceText source(path, *text);
  std::vector<Diagnostic> diagnostics;
  const auto root = language::read_yaml(source, diagnostics);
  std::string said;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::error) said += "\n" + render(diagnostic, *text);
  }
  if (!root || !said.empty()) return invalid(path, said);
  auto checked = types::validate(value_of(*root), *config_type(), types::Unknown::refuse);
  if (!checked) return invalid(path, types::describe(checked.error()));
  return *std::move(checked);
}

// Each call under way has a thread.
constexpr std::int64_t k_max_concurrency = 256;

// adapters: {<name>: {concurrency: 4, ...}}. What is left of them is for adapters over HTTP.
Result<void> read_adapters(const Value& given, const std::string& path, ServeSettings& settings) {
  if (!given.is_map()) return invalid(path, "/adapters: expected a map of adapters");
  settings.adapters = Value::map({});
  for (const auto& [name, one] : given.as_map()) {
    const Value* concurrency = one.is_map() ? one.find("concurrency") : nullptr;
    if (concurrency == nullptr) {
      settings.adapters = settings.adapters.with(name.as_string(), one);
      continue;
    }
    if (concurrency->kind() != types::Kind::integer || concurrency->as_integer() < 1 ||
        concurrency->as_integer() > k_max_concurrency) {
      return invalid(path,
                     "/adapters/" + name.as_string() + "/concurrency: expected 1 to " +
                         std::to_string(k_max_concurrency));
    }
    settings.concurrency[name.as_string()] = static_cast<std::size_t>(concurrency->as_integer());
    if (one.as_map().size() > 1)
      settings.adapters = settings.adapters.with(name.as_string(), one.without("concurrency"));
  }
  return {};
}

// An event that waits has a mark, and marks are kept for 32 days at least.
constexpr Duration k_min_parked_time{std::chrono::seconds{1}};
constexpr Duration k_max_parked_time{std::chrono::hours{24 * 30}};

Result<void> read_parked_time(const Value& config, const std::string& path, Duration& into) {
  const Value* value = config.find("max_parked_time");
  if (value == nullptr) return {};
  into = value->to_duration();
  if (into >= k_min_parked_time && into <= k_max_parked_time) return {};
  return invalid(path,
                 "/max_parked_time: expected " + format_duration(k_min_parked_time) + " to " +
                     format_duration(k_max_parked_time) + ", got " + format_duration(into) +
                     ": so long an event waits for its instance");
}

// A store's URL and absolute paths stay as they are.
std::string beside(const std::filesystem::path& folder, std::string_view path) {
  const std::filesystem::path given(path);
  return given.is_absolute() ? given.string() : (folder / given).lexically_normal().string();
}

void read_retention(const Value& config,
                    const std::filesystem::path& folder,
                    RetentionSettings& retention) {
  const auto span = [&](const char* name, std::optional<Duration>& into) {
    if (const Value* value = config.find(name)) into = value->to_duration();
  };
  span("ended", retention.ended);
  span("marks", retention.marks);
  span("batches", retention.batches);
  if (const Value* every = config.find("every")) retention.every = every->to_duration();
  if (const auto path = config.text_at("archive"); !path.empty())
    retention.archive = beside(folder, path);
}

}  // namespace

Result<ServeSettings> with_config_file(ServeSettings settings, const std::string& path) {
  const auto config = read_config(path);
  if (!config) return tl::unexpected(config.error());
  const auto folder = std::filesystem::absolute(path).parent_path();
  const auto text = [&](const char* name, std::string& into) {
    if (const auto value = config->text_at(name); !value.empty()) into = std::string(value);
  };
  const auto file = [&](const char* name, std::string& into) {
    if (const auto value = config->text_at(name); !value.empty()) into = beside(folder, value);
  };
  const auto count = [&](const char* name, std::size_t& into) {
    if (const Value* value = config->find(name))
      into = static_cast<std::size_t>(std::max<std::int64_t>(1, value->as_integer()));
  };
  const auto span = [&](const char* name, Duration& into) {
    if (const Value* value = config->find(name)) into = value->to_duration();
  };
  text("listen", settings.listen);
  text("store", settings.store);
  text("public_url", settings.public_url);
  text("log", settings.log);
  file("state", settings.state);
  file("artifacts", settings.artifacts);
  file("signing_key", settings.signing_key);
  count("lanes", settings.lanes);
  count("threads", settings.threads);
  count("max_queued_events", settings.max_queued_events);
  count("max_parked_events", settings.max_parked_events);
  span("session_lease", settings.session_lease);
  span("session_beat", settings.session_beat);
  if (auto read = read_parked_time(*config, path, settings.max_parked_time); !read)
    return tl::unexpected(read.error());
  if (const Value* retention = config->find("retention"))
    read_retention(*retention, folder, settings.retention);
  if (const Value* gateways = config->find("gateways")) settings.gateways = *gateways;
  if (const Value* adapters = config->find("adapters")) {
    if (auto read = read_adapters(*adapters, path, settings); !read)
      return tl::unexpected(read.error());
  }
  if (const Value* values = config->find("config")) settings.config = *values;
  if (const Value* workflows = config->find("workflows")) {
    settings.workflows.clear();
    for (const Value& one : workflows->as_list())
      settings.workflows.push_back(beside(folder, one.as_string()));
  }
  if (const Value* keys = config->find("keys")) {
    for (const auto& [name, reference] : keys->as_map())
      settings.keys[name.as_string()] = reference.as_string();
  }
  return settings;
}

Result<Value> with_adapter_bases(Value adapters, const std::vector<std::string>& bases) {
  for (const std::string& given : bases) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorClass::invalid,
                  "invalid_argument",
                  "--adapter: expected NAME=https://host/path, got \"" + given + "\".");
    }
    const std::string name = given.substr(0, equals);
    if (!adapters.is_map()) adapters = Value::map({});
    const Value* known = adapters.find(name);
    const Value one = known != nullptr && known->is_map() ? *known : Value::map({});
    adapters = adapters.with(name, one.with("base", Value::string(given.substr(equals + 1))));
  }
  return adapters;
}

Result<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  bool good = colon != std::string::npos && colon > 0 && colon + 1 < text.size();
  if (good) {
    const auto [read_to, error] = std::from_chars(text.data() + colon + 1, end, port);
    good = read_to == end && error == std::errc();  // 99999 is read to its end, and is no port
  }
  if (!good) {
    return fail(
        ErrorClass::invalid,
        "invalid_address",
        "Expected an address and a port up to 65535, like 127.0.0.1:8080, got \"" + text + "\".");
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  return Address{host, port};
}

}  // namespace vozex::cli
