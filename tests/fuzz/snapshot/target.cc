// SPDX-License-Identifier: Apache-2.0
// The stored form of a snapshot, from a store that lies: three lines are input, data and rt. What
// is read is written, and reads as the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/language/compile.h"
#include "engine/machine/codec.h"
#include "engine/types/json.h"

namespace {

using namespace vozex;

machine::MachineRef machine_of_all() {
  language::SourceSet set;
  set.files.push_back({"a.yaml", R"(vozex: 1
workflow: everything
version: 1
input: {id: string, at: optional<timestamp>}
data: {n: {type: int, default: 0}, any: {type: json, default: {}}, seen: {type: list<string>, default: []}}
events: {go: {data: {x: optional<json>}}, back: {data: {}}}
states:
  a:
    on: {go: b, back: {defer: true}}
    after: {1h: b}
  b:
    regions:
      l: {states: {l1: {on: {go: l2}}, l2: {type: final}}}
      r: {states: {r1: {on: {back: r2}}, r2: {type: final}}}
      h: {type: history, deep: true, default: l}
    on_done: c
    on: {back: {target: a}}
  c: {type: final}
)"});
  const language::Compilation compiled = language::compile(set);
  if (compiled.machines.empty()) std::abort();
  return compiled.machines.front();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const machine::MachineRef k_machine = machine_of_all();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos) return 0;
  const std::size_t second = text.find('\n', first + 1);
  if (second == std::string_view::npos) return 0;
  const machine::StoredSnapshot stored{std::string(text.substr(0, first)),
                                       std::string(text.substr(first + 1, second - first - 1)),
                                       std::string(text.substr(second + 1))};
  machine::Snapshot snapshot;
  if (!machine::decode(*k_machine, stored, snapshot)) return 0;
  const machine::StoredSnapshot written = machine::encode(*k_machine, snapshot);
  machine::Snapshot again;
  if (!machine::decode(*k_machine, written, again)) std::abort();
  const machine::StoredSnapshot twice = machine::encode(*k_machine, again);
  if (twice.input != written.input || twice.data != written.data || twice.rt != written.rt)
    std::abort();
  return 0;
}
