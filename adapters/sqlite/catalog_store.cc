// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/catalog_store.h"

namespace vozex::sqlite {
namespace {

using catalog::Entry;
using catalog::EntryId;
using catalog::EntryKind;

#define ENTRY_COLUMNS "kind, id, revision, status, document, changed_at, changed_by"

constexpr const char* k_get =
    "SELECT " ENTRY_COLUMNS " FROM catalog_entries WHERE tenant = ?1 AND kind = ?2 AND id = ?3";
constexpr const char* k_list = "SELECT " ENTRY_COLUMNS
                               " FROM catalog_entries WHERE tenant = ?1 AND kind = ?2 AND id > ?3 "
                               "ORDER BY id LIMIT ?4";
constexpr const char* k_insert = "INSERT INTO catalog_entries(tenant, " ENTRY_COLUMNS
                                 ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
constexpr const char* k_update =
    "UPDATE catalog_entries SET revision = ?4, status = ?5, document = ?6, changed_at = ?7, "
    "changed_by = ?8 WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND revision = ?4 - 1";

Entry read_entry(const Statement& row) {
  Entry entry;
  entry.id = {row.number_at<EntryKind>(0), row.text_at(1)};
  entry.revision = row.number_at<std::uint64_t>(2);
  entry.status = row.text_at(3);
  entry.document = row.text_at(4);
  entry.changed_at = row.time_at(5);
  entry.changed_by = row.text_at(6);
  return entry;
}

Result<void> put_one(Connection& connection, const std::string& tenant, const Entry& entry) {
  const auto changed = connection.use(entry.revision == 1 ? k_insert : k_update)
                           .text(1, tenant)
                           .number(2, static_cast<std::int64_t>(entry.id.kind))
                           .text(3, entry.id.id)
                           .number(4, static_cast<std::int64_t>(entry.revision))
                           .text(5, entry.status)
                           .text(6, entry.document)
                           .time(7, entry.changed_at)
                           .text(8, entry.changed_by)
                           .run();
  if (!changed) return Failure(changed.error());
  if (*changed != 1) return catalog::catalog_changed(entry.id);
  return {};
}

}  // namespace

Result<std::optional<Entry>> SqliteCatalogStore::get(std::string_view tenant, const EntryId& id) {
  const std::string owner(tenant);
  std::optional<Entry> found;
  auto read = store_.read([&](Connection& connection) {
    return connection.use(k_get)
        .text(1, owner)
        .number(2, static_cast<std::int64_t>(id.kind))
        .text(3, id.id)
        .each([&](const Statement& row) { found = read_entry(row); });
  });
  if (!read) return Failure(read.error());
  return found;
}

Result<std::vector<Entry>> SqliteCatalogStore::list(std::string_view tenant,
                                                    EntryKind kind,
                                                    std::string_view after,
                                                    std::size_t limit) {
  const std::string owner(tenant);
  const std::string last(after);
  std::vector<Entry> page;
  auto read = store_.read([&](Connection& connection) {
    return connection.use(k_list)
        .text(1, owner)
        .number(2, static_cast<std::int64_t>(kind))
        .text(3, last)
        .number(4, static_cast<std::int64_t>(limit))
        .each([&](const Statement& row) { page.push_back(read_entry(row)); });
  });
  if (!read) return Failure(read.error());
  return page;
}

Result<void> SqliteCatalogStore::put(std::string_view tenant, const std::vector<Entry>& entries) {
  const std::string owner(tenant);
  return store_.write([&](Connection& connection) -> Result<void> {
    for (const Entry& entry : entries) {
      if (auto put = put_one(connection, owner, entry); !put) return put;
    }
    return {};
  });
}

}  // namespace vozex::sqlite
