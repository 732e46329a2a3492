// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/license_store.h"

namespace vozex::postgres {
namespace {

using fulfillment::DownloadGrant;
using fulfillment::DownloadLink;
using fulfillment::License;
using fulfillment::LicenseStatus;
using fulfillment::Part;
using fulfillment::Verdict;

constexpr std::size_t k_connections = 4;

#define LICENSE_COLUMNS                                                                         \
  "tenant, license_id, order_id, order_item_id, customer_id, product_id, license_key, status, " \
  "artefact, document, "                                                                        \
  "issued_at, expires_at"

// The update that changes nothing makes the row come back, and waits for a rival that hasn't
// committed yet.
constexpr const char* k_insert =
    "INSERT INTO licenses AS l(" LICENSE_COLUMNS
    ") VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
    "ON CONFLICT(tenant, order_item_id) DO UPDATE SET tenant = l.tenant RETURNING " LICENSE_COLUMNS;
constexpr const char* k_by_id =
    "SELECT " LICENSE_COLUMNS " FROM licenses WHERE tenant = $1 AND license_id = $2";
constexpr const char* k_by_item =
    "SELECT " LICENSE_COLUMNS " FROM licenses WHERE tenant = $1 AND order_item_id = $2";
constexpr const char* k_by_customer = "SELECT " LICENSE_COLUMNS
                                      " FROM licenses WHERE tenant = $1 AND customer_id = $2 ORDER "
                                      "BY issued_at DESC, license_id LIMIT 1000";
// One statement, so that a licence is never revoked without its links.
constexpr const char* k_set_status =
    "WITH changed AS (UPDATE licenses SET status = $3 WHERE tenant = $1 AND license_id = $2 "
    "AND (status <> 3 OR $3 = 3) RETURNING " LICENSE_COLUMNS
    "), links AS (UPDATE download_links d SET revoked = true FROM changed c WHERE $3 = 3 AND "
    "d.tenant = c.tenant "
    "AND d.license_id = c.license_id) SELECT " LICENSE_COLUMNS " FROM changed";
constexpr const char* k_insert_link =
    "WITH forgotten AS (DELETE FROM download_links WHERE tenant = $2 AND license_id = $3 "
    "AND expires_at < $5::timestamptz - interval '30 days') "
    "INSERT INTO download_links(token_hash, tenant, license_id, artefact, created_at, expires_at, "
    "max_downloads) "
    "VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(token_hash) DO NOTHING";
constexpr const char* k_revoke_links =
    "UPDATE download_links SET revoked = true WHERE tenant = $1 AND license_id = $2 AND NOT "
    "revoked";
#define LINK_QUERY                                                                                \
  "SELECT d.revoked, l.status, d.expires_at, d.used, d.max_downloads, d.artefact, d.license_id "  \
  "FROM download_links d JOIN licenses l ON l.tenant = d.tenant AND l.license_id = d.license_id " \
  "WHERE d.token_hash = $1"
constexpr const char* k_link = LINK_QUERY;
constexpr const char* k_link_to_count = LINK_QUERY " FOR UPDATE OF d";
constexpr const char* k_count = "UPDATE download_links SET used = used + 1 WHERE token_hash = $1";

License read_license(const Rows& rows, int row) {
  License license;
  license.tenant = rows.text(row, 0);
  license.license_id = rows.text(row, 1);
  license.order_id = rows.text(row, 2);
  license.order_item_id = rows.text(row, 3);
  license.customer_id = rows.text(row, 4);
  license.product_id = rows.text(row, 5);
  license.key = rows.text(row, 6);
  license.status = static_cast<LicenseStatus>(rows.number(row, 7));
  license.artefact = rows.text(row, 8);
  license.document = rows.text(row, 9);
  license.issued_at = rows.time(row, 10);
  license.expires_at = rows.optional_time(row, 11);
  return license;
}

Result<std::optional<License>> find(Pool& pool,
                                    const char* sql,
                                    std::string_view a,
                                    std::string_view b) {
  const auto rows = pool.repeatable(
      [&](Connection& connection) { return connection.run(sql, Params().text(a).text(b)); });
  if (!rows) return Failure(rows.error());
  return rows->empty() ? std::nullopt : std::optional(read_license(*rows, 0));
}

// Judges the link, and counts when that is asked for.
Result<DownloadGrant> take(Connection& connection,
                           std::string_view token_hash,
                           Timestamp now,
                           Part part) {
  const Params params = Params().text(token_hash);
  const auto link = connection.run(part == Part::first ? k_link_to_count : k_link, params);
  if (!link) return Failure(link.error());
  DownloadGrant grant;
  if (link->empty()) return grant;
  const fulfillment::LinkState state{link->boolean(0, 0),
                                     static_cast<LicenseStatus>(link->number(0, 1)),
                                     link->time(0, 2),
                                     link->number<int>(0, 3),
                                     link->number<int>(0, 4)};
  grant.verdict = fulfillment::judge(state, now, part);
  if (grant.verdict != Verdict::granted) return grant;
  grant.artefact = link->text(0, 5);
  grant.license_id = link->text(0, 6);
  grant.remaining = state.max_downloads - state.used - (part == Part::first ? 1 : 0);
  if (part != Part::first) return grant;
  const auto counted = connection.run(k_count, params);
  if (!counted) return Failure(counted.error());
  return grant;
}

}  // namespace

PostgresLicenseStore::PostgresLicenseStore(std::string url)
    : pool_(std::move(url), Profile::query, k_connections) {}

Result<License> PostgresLicenseStore::put_issue(const License& license) {
  Params params;
  params.text(license.tenant)
      .text(license.license_id)
      .text(license.order_id)
      .text(license.order_item_id)
      .text(license.customer_id)
      .text(license.product_id)
      .text(license.key)
      .int2(static_cast<std::int16_t>(license.status))
      .text(license.artefact)
      .text(license.document)
      .time(license.issued_at);
  license.expires_at ? params.time(*license.expires_at) : params.null(k_time);
  const auto rows =
      pool_.repeatable([&](Connection& connection) { return connection.run(k_insert, params); });
  if (!rows) return Failure(rows.error());
  return read_license(*rows, 0);
}

Result<std::optional<License>> PostgresLicenseStore::get(std::string_view tenant,
                                                         std::string_view license_id) {
  return find(pool_, k_by_id, tenant, license_id);
}

Result<std::optional<License>> PostgresLicenseStore::get_by_item(std::string_view tenant,
                                                                 std::string_view order_item_id) {
  return find(pool_, k_by_item, tenant, order_item_id);
}

Result<std::vector<License>> PostgresLicenseStore::of_customer(std::string_view tenant,
                                                               std::string_view customer_id) {
  const auto rows = pool_.repeatable([&](Connection& connection) {
    return connection.run(k_by_customer, Params().text(tenant).text(customer_id));
  });
  if (!rows) return Failure(rows.error());
  return rows->all(read_license);
}

Result<License> PostgresLicenseStore::set_status(std::string_view tenant,
                                                 std::string_view license_id,
                                                 LicenseStatus status) {
  const auto rows = pool_.repeatable([&](Connection& connection) {
    return connection.run(
        k_set_status,
        Params().text(tenant).text(license_id).int2(static_cast<std::int16_t>(status)));
  });
  if (!rows) return Failure(rows.error());
  if (!rows->empty()) return read_license(*rows, 0);
  const auto license = get(tenant, license_id);
  if (!license) return Failure(license.error());
  if (!license->has_value())
    return fail(ErrorClass::not_found, "license_not_found", "there is no such licence");
  return fail(
      ErrorClass::refused, "license_revoked", "a revoked licence stays revoked: issue a new one");
}

Result<bool> PostgresLicenseStore::create_link(const DownloadLink& link) {
  const Params params = Params()
                            .text(link.token_hash)
                            .text(link.tenant)
                            .text(link.license_id)
                            .text(link.artefact)
                            .time(link.created_at)
                            .time(link.expires_at)
                            .int4(link.max_downloads);
  const auto rows = pool_.repeatable(
      [&](Connection& connection) { return connection.run(k_insert_link, params); });
  if (!rows) return Failure(rows.error());
  return rows->changed() == 1;
}

Result<bool> PostgresLicenseStore::revoke_links(std::string_view tenant,
                                                std::string_view license_id) {
  const auto rows = pool_.repeatable([&](Connection& connection) {
    return connection.run(k_revoke_links, Params().text(tenant).text(license_id));
  });
  if (!rows) return Failure(rows.error());
  return rows->changed() > 0;
}

Result<DownloadGrant> PostgresLicenseStore::take_download(std::string_view token_hash,
                                                          Timestamp now,
                                                          Part part) {
  if (part != Part::first) {
    return pool_.repeatable(
        [&](Connection& connection) { return take(connection, token_hash, now, part); });
  }
  return pool_.once([&](Connection& connection) {
    return connection.transaction([&] { return take(connection, token_hash, now, part); });
  });
}

}  // namespace vozex::postgres
