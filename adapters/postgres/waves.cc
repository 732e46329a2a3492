// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/waves.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "adapters/postgres/fold.h"

namespace vozex::postgres {
namespace {

// How a row is touched; equal kinds other than `alone` don't conflict.
enum class Touch : std::uint8_t { alone, waits, adds, ends };

struct TouchedRow {
  std::string name;
  Touch touch;
};

std::string_view view(const Bytes16& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string name(char table, const Bytes16& id) { return std::string(1, table).append(view(id)); }

std::string name(char table, const Bytes16& id, std::uint32_t seq, std::uint32_t index) {
  return name(table, id) + std::to_string(seq) + "/" + std::to_string(index);
}

std::string name(const ports::BindingKey& key) {
  return "b" + key.tenant + '\n' + key.slot + '\n' + key.key;
}

Touch touch_of(const ports::BindingWrite& write) {
  if (write.op == ports::BindingOp::take_key) return Touch::alone;
  if (write.op == ports::BindingOp::add_alias) return Touch::adds;
  return is_alias(write.binding) ? Touch::ends : Touch::alone;
}

std::vector<TouchedRow> rows_of(const ports::Group& group) {
  std::vector<TouchedRow> rows;
  rows.reserve(group.instances.size() + group.history.size());
  for (const auto& write : group.instances) {
    rows.push_back({name('i', write.row.id.bytes), Touch::alone});
  }
  for (const auto& row : group.history) {
    rows.push_back({name('h', row.id.bytes, row.seq, 0), Touch::alone});
  }
  for (const auto& write : group.marks) rows.push_back({name('m', write.mark.bytes), Touch::alone});
  for (const auto& mark : group.unparks) rows.push_back({name('m', mark.bytes), Touch::alone});
  for (const auto& write : group.bindings) rows.push_back({name(write.binding), touch_of(write)});
  for (const auto& park : group.parks) {
    rows.push_back({name('m', park.mark.bytes), Touch::alone});
    for (const auto& key : park.keys) rows.push_back({name(key), Touch::waits});
  }
  for (const auto& write : group.calls) {
    const CallId& id = write.row.id;
    rows.push_back({name('c', id.instance.bytes, id.seq, id.index), Touch::alone});
  }
  for (const auto* list : {&group.outbox, &group.outbox_done}) {
    for (const auto& row : *list) {
      rows.push_back({name('o', row.from.bytes, row.seq, row.index), Touch::alone});
    }
  }
  return rows;
}

struct LastTouch {
  std::size_t wave = 0;
  Touch touch = Touch::alone;
};
using LastTouches = std::unordered_map<std::string, LastTouch>;

std::size_t wave_for(const std::vector<TouchedRow>& rows, const LastTouches& last) {
  std::size_t wave = 0;
  for (const TouchedRow& row : rows) {
    const auto found = last.find(row.name);
    if (found == last.end()) continue;
    const bool together = row.touch != Touch::alone && row.touch == found->second.touch;
    wave = std::max(wave, found->second.wave + (together ? 0 : 1));
  }
  return wave;
}

}  // namespace

std::vector<std::vector<std::size_t>> waves_of(const std::vector<ports::Group>& groups) {
  std::vector<std::vector<std::size_t>> waves;
  LastTouches last;
  for (std::size_t position = 0; position < groups.size(); ++position) {
    std::vector<TouchedRow> rows = rows_of(groups[position]);
    if (rows.empty()) continue;
    const std::size_t wave = wave_for(rows, last);
    for (TouchedRow& row : rows) last[std::move(row.name)] = {wave, row.touch};
    if (waves.size() <= wave) waves.resize(wave + 1);
    waves[wave].push_back(position);
  }
  return waves;
}

}  // namespace vozex::postgres
