// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/preview.h"

#include <utility>

#include "engine/runtime/items/messages.h"

namespace vozex::runtime {
namespace {

constexpr int k_max_loads = 64;

// Nothing goes out, so there is room for everything.
class OpenGate final : public Gate {
 public:
  bool reserve(std::string_view) override { return true; }
  void release(std::string_view) override {}
};

Result<Loaded> load(const PreviewPorts& ports, const Needs& needs) {
  Loaded loaded;
  auto rows = ports.lane->load(needs.load);
  if (!rows) return Failure(rows.error());
  loaded.rows = *std::move(rows);
  loaded.definitions = ports.definitions;
  for (const InstanceId& id : needs.locate) {
    auto row = ports.queries->instance(id);
    if (!row) return Failure(row.error());
    if (*row) loaded.located.push_back(std::move(**row));
  }
  return loaded;
}

// The answer that the event got when it came first, if it did.
Result<std::optional<EventAnswer>> seen_before(const PreviewPorts& ports, const Item& item) {
  if (!item.mark) return std::optional<EventAnswer>{};
  ports::LoadRequest request;
  request.marks.push_back(*item.mark);
  const auto rows = ports.lane->load(request);
  if (!rows) return Failure(rows.error());
  if (rows->marks.empty()) return std::optional<EventAnswer>{};
  const auto* find = std::get_if<FindOrder>(&item.order);
  return std::optional{first_answer(rows->marks.front(), find != nullptr ? find->event.id : "")};
}

}  // namespace

Result<Batch::Foreseen> preview(const PreviewPorts& ports, Item item, Timestamp now) {
  auto first = seen_before(ports, item);
  if (!first) return Failure(first.error());
  if (*first) return Batch::Foreseen{**first, {}, {}};
  OpenGate gate;
  SnapshotCache cache({});
  BatchContext context;
  context.definitions = ports.definitions;
  context.cache = &cache;
  context.random = ports.random;
  context.gate = &gate;
  std::vector<Item> items;
  item.went_behind = true;  // those that go first change nothing here
  items.push_back(std::move(item));
  Batch batch(std::move(context), std::move(items), now);
  for (int i = 0; i < k_max_loads; ++i) {
    if (batch.run()) return batch.foresee();
    const Needs needs = batch.needs();
    if (needs.empty()) continue;
    auto loaded = load(ports, needs);
    if (!loaded) return Failure(loaded.error());
    batch.accept(needs, *loaded);
  }
  return fail(ErrorClass::unavailable,
              "preview_unfinished",
              "the event reaches more instances than a preview looks at");
}

}  // namespace vozex::runtime
