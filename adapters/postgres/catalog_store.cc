// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/catalog_store.h"

namespace vozex::postgres {
namespace {

using catalog::Entry;
using catalog::EntryId;
using catalog::EntryKind;

constexpr std::size_t k_connections = 2;

#define ENTRY_COLUMNS "kind, id, revision, status, document, changed_at, changed_by"

constexpr const char* k_get =
    "SELECT " ENTRY_COLUMNS " FROM catalog_entries WHERE tenant = $1 AND kind = $2 AND id = $3";
constexpr const char* k_list = "SELECT " ENTRY_COLUMNS
                               " FROM catalog_entries WHERE tenant = $1 AND kind = $2 AND id > $3 "
                               "ORDER BY id LIMIT $4";
constexpr const char* k_insert = "INSERT INTO catalog_entries(tenant, " ENTRY_COLUMNS
                                 ") VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
constexpr const char* k_update =
    "UPDATE catalog_entries SET revision = $4, status = $5, document = $6, changed_at = $7, "
    "changed_by = $8 WHERE tenant = $1 AND kind = $2 AND id = $3 AND revision = $4 - 1";

Entry read_entry(const Rows& rows, int at) {
  Entry entry;
  entry.id = {rows.number<EntryKind>(at, 0), rows.text(at, 1)};
  entry.revision = rows.number<std::uint64_t>(at, 2);
  entry.status = rows.text(at, 3);
  entry.document = rows.text(at, 4);
  entry.changed_at = rows.time(at, 5);
  entry.changed_by = rows.text(at, 6);
  return entry;
}

Result<void> put_one(Connection& connection, std::string_view tenant, const Entry& entry) {
  const auto rows = connection.run(entry.revision == 1 ? k_insert : k_update,
                                   Params()
                                       .text(tenant)
                                       .int2(static_cast<std::int16_t>(entry.id.kind))
                                       .text(entry.id.id)
                                       .int8(static_cast<std::int64_t>(entry.revision))
                                       .text(entry.status)
                                       .text(entry.document)
                                       .time(entry.changed_at)
                                       .text(entry.changed_by));
  if (!rows) return Failure(rows.error());
  if (rows->changed() != 1) return catalog::catalog_changed(entry.id);
  return {};
}

}  // namespace

PostgresCatalogStore::PostgresCatalogStore(std::string url)
    : pool_(std::move(url), Profile::query, k_connections) {}

Result<std::optional<Entry>> PostgresCatalogStore::get(std::string_view tenant, const EntryId& id) {
  const auto rows = pool_.repeatable([&](Connection& connection) {
    return connection.run(
        k_get, Params().text(tenant).int2(static_cast<std::int16_t>(id.kind)).text(id.id));
  });
  if (!rows) return Failure(rows.error());
  return rows->empty() ? std::nullopt : std::optional(read_entry(*rows, 0));
}

Result<std::vector<Entry>> PostgresCatalogStore::list(std::string_view tenant,
                                                      EntryKind kind,
                                                      std::string_view after,
                                                      std::size_t limit) {
  const auto rows = pool_.repeatable([&](Connection& connection) {
    return connection.run(k_list,
                          Params()
                              .text(tenant)
                              .int2(static_cast<std::int16_t>(kind))
                              .text(after)
                              .int8(static_cast<std::int64_t>(limit)));
  });
  if (!rows) return Failure(rows.error());
  return rows->all(read_entry);
}

Result<void> PostgresCatalogStore::put(std::string_view tenant, const std::vector<Entry>& entries) {
  return pool_.once([&](Connection& connection) {
    return connection.transaction([&]() -> Result<void> {
      for (const Entry& entry : entries) {
        if (auto put = put_one(connection, tenant, entry); !put) return put;
      }
      return {};
    });
  });
}

}  // namespace vozex::postgres
