// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/journal.h"

#include <algorithm>
#include <cstdlib>

namespace vozex::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t k_max_entries = 200'000;
constexpr std::size_t k_max_body = 4096;
constexpr std::size_t k_default_limit = 1000;
constexpr std::size_t k_max_limit = 200'000;
constexpr std::string_view k_metadata = "metadata.";

std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// JSON as it is, a form as an object of its names.
json shown(const std::string& body) {
  if (body.empty()) return {};
  json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_discarded()) return parsed;
  const Filter form = parse_form(body);
  return form.empty() ? json("unreadable or cut") : json(form);
}

}  // namespace

bool passes(const Filter& filter,
            const json& metadata,
            const std::map<std::string, std::string>& exact,
            const std::string& path,
            std::uint64_t seq) {
  for (const auto& [name, wanted] : filter) {
    if (name.starts_with(k_metadata)) {
      const auto key = name.substr(k_metadata.size());
      if (!metadata.is_object() || !metadata.contains(key) || plain(metadata[key]) != wanted)
        return false;
    } else if (name == "path") {
      if (!path.starts_with(wanted)) return false;
    } else if (name == "after") {
      if (seq <= std::strtoull(wanted.c_str(), nullptr, 10)) return false;
    } else if (const auto found = exact.find(name);
               found != exact.end() && found->second != wanted) {
      return false;
    }
  }
  return true;
}

std::size_t limit_of(const Filter& filter) {
  const auto found = filter.find("limit");
  if (found == filter.end()) return k_default_limit;
  return std::min<std::size_t>(k_max_limit, std::strtoull(found->second.c_str(), nullptr, 10));
}

void Journal::add(RequestEntry entry) {
  entry.seq = ++last_seq_;
  if (entry.body.size() > k_max_body) entry.body.resize(k_max_body);
  if (entries_.size() == k_max_entries) entries_.pop_front();
  entries_.push_back(std::move(entry));
}

json Journal::list(const Filter& filter) const {
  json out = json::array();
  const auto limit = limit_of(filter);
  for (const auto& entry : entries_) {
    if (out.size() == limit) break;
    if (!passes(filter,
                entry.metadata,
                {{"method", entry.method}, {"gateway", entry.gateway}},
                entry.path,
                entry.seq))
      continue;
    out.push_back({{"seq", entry.seq},
                   {"at", format_timestamp(entry.at)},
                   {"gateway", entry.gateway},
                   {"method", entry.method},
                   {"path", entry.path},
                   {"body", shown(entry.body)},
                   {"metadata", entry.metadata},
                   {"status", entry.status == 0 ? json() : json(entry.status)},
                   {"fault", entry.fault.empty() ? json() : json(entry.fault)}});
  }
  return {
      {"requests", std::move(out)}, {"total", last_seq_}, {"dropped", last_seq_ - entries_.size()}};
}

}  // namespace vozex::sandbox
