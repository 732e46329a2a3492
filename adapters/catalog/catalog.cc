// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/catalog.h"

#include <algorithm>
#include <set>

#include "engine/types/json.h"

namespace vozex::catalog {
namespace {

using types::Value;

std::string place_of(std::size_t number) { return "/documents/" + std::to_string(number); }

// Faults of several documents, each with its own place, as one error.
class Findings {
 public:
  void add(std::size_t number, const Faults& faults) {
    for (const types::Fault& fault : faults)
      details_.push_back({place_of(number) + fault.pointer, fault.message});
  }
  bool empty() const { return details_.empty(); }
  Failure as_error(ErrorClass kind, const char* code, const std::string& message) {
    return Failure(Error{kind, code, message, std::move(details_)});
  }

 private:
  std::vector<ErrorDetail> details_;
};

std::string counted(std::size_t count) {
  return count == 1 ? "1 document" : std::to_string(count) + " documents";
}

}  // namespace

const char* to_string(Applied applied) {
  switch (applied) {
    case Applied::created: return "created";
    case Applied::updated: return "updated";
    case Applied::unchanged: return "unchanged";
  }
  return "";
}

Catalog::Catalog(CatalogStore& store, const ports::Clock& clock, std::vector<std::string> gateways)
    : store_(store), clock_(clock), gateways_(std::move(gateways)) {}

Result<Value> document_of(const Entry& entry) {
  auto document = types::parse_json(entry.document);
  if (document && document->is_map()) return document;
  return fail(ErrorClass::corrupt,
              "catalog_corrupt",
              std::string("The ") + to_string(entry.id.kind) + " " + entry.id.id +
                  " is not readable in the database.");
}

Result<std::vector<AppliedEntry>> Catalog::apply(std::string_view tenant, const ApplyOrder& order) {
  if (order.documents.size() > k_max_applied) {
    return fail(ErrorClass::invalid,
                "catalog_invalid",
                "Expected at most " + std::to_string(k_max_applied) + " documents at once, got " +
                    std::to_string(order.documents.size()) + ".");
  }
  std::vector<Checked> checked;
  std::set<EntryId> ids;
  Findings wrong;
  for (const Value& document : order.documents) {
    const std::size_t number = checked.size();
    auto one = check_entry(document, gateways_);
    if (!one) wrong.add(number, one.error());
    if (one && !ids.insert(one->id).second) {
      wrong.add(number,
                {{std::string("/") + to_string(one->id.kind), "two documents have this id"}});
    }
    checked.push_back(one ? *std::move(one) : Checked{});
  }
  if (!wrong.empty()) {
    return wrong.as_error(ErrorClass::invalid,
                          "catalog_invalid",
                          "The catalogue can't take " + counted(order.documents.size()) +
                              " as they are. Nothing was written.");
  }
  std::vector<AppliedEntry> applied;
  std::vector<Entry> changes;
  Findings broken;
  for (const Checked& one : checked) {
    auto stored = store_.get(tenant, one.id);
    if (!stored) return Failure(stored.error());
    const std::uint64_t revision = *stored ? (*stored)->revision : 0;
    if (order.revision && *order.revision != revision) return catalog_changed(one.id);
    AppliedEntry entry{one.id, Applied::unchanged, revision, {}};
    const std::string text = types::to_json(one.document);
    if (!*stored || (*stored)->document != text) {
      entry.applied = *stored ? Applied::updated : Applied::created;
      entry.revision = revision + 1;
      changes.push_back({one.id,
                         entry.revision,
                         std::string(one.document.text_at("status")),
                         text,
                         clock_.now(),
                         order.by});
    }
    if (entry.applied == Applied::updated) {
      auto before = document_of(**stored);
      if (!before) return Failure(before.error());
      entry.differences = differences(*before, one.document);
      if (one.id.kind == EntryKind::product)
        broken.add(applied.size(), broken_offers(*before, one.document));
    }
    applied.push_back(std::move(entry));
  }
  if (!broken.empty()) {
    return broken.as_error(ErrorClass::refused,
                           "breaks_offers",
                           "Quotes, subscriptions and deliveries rely on what has been sold. "
                           "Nothing was written.");
  }
  if (order.dry_run || changes.empty()) return applied;
  // In one order everywhere, so that two changes at once can't wait for each other.
  std::sort(
      changes.begin(), changes.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  if (auto put = store_.put(tenant, changes); !put) return Failure(put.error());
  return applied;
}

Result<std::optional<Entry>> Catalog::get(std::string_view tenant, const EntryId& id) {
  return store_.get(tenant, id);
}

Result<std::vector<Entry>> Catalog::list(std::string_view tenant,
                                         EntryKind kind,
                                         std::string_view after,
                                         std::size_t limit) {
  return store_.list(tenant, kind, after, limit);
}

}  // namespace vozex::catalog
