// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/license_store.h"

namespace vozex::sqlite {
namespace {

using fulfillment::DownloadGrant;
using fulfillment::DownloadLink;
using fulfillment::License;
using fulfillment::LicenseStatus;
using fulfillment::Part;
using fulfillment::Verdict;

// Links that lapsed this long before a new one of the same licence are forgotten.
constexpr Duration k_keep_links = std::chrono::hours{24 * 30};

#define LICENSE_COLUMNS                                                                         \
  "tenant, license_id, order_id, order_item_id, customer_id, product_id, license_key, status, " \
  "artefact, document, "                                                                        \
  "issued_at, expires_at"

constexpr const char* k_insert = "INSERT INTO licenses(" LICENSE_COLUMNS
                                 ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON "
                                 "CONFLICT(tenant, order_item_id) DO NOTHING";
constexpr const char* k_by_id =
    "SELECT " LICENSE_COLUMNS " FROM licenses WHERE tenant = ?1 AND license_id = ?2";
constexpr const char* k_by_item =
    "SELECT " LICENSE_COLUMNS " FROM licenses WHERE tenant = ?1 AND order_item_id = ?2";
constexpr const char* k_by_customer = "SELECT " LICENSE_COLUMNS
                                      " FROM licenses WHERE tenant = ?1 AND customer_id = ?2 ORDER "
                                      "BY issued_at DESC, license_id LIMIT 1000";
constexpr const char* k_set_status =
    "UPDATE licenses SET status = ?3 WHERE tenant = ?1 AND license_id = ?2";
constexpr const char* k_forget_links =
    "DELETE FROM download_links WHERE tenant = ?1 AND license_id = ?2 AND expires_at < ?3";
constexpr const char* k_insert_link =
    "INSERT INTO download_links(token_hash, tenant, license_id, artefact, created_at, expires_at, "
    "max_downloads) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(token_hash) DO NOTHING";
constexpr const char* k_revoke_links =
    "UPDATE download_links SET revoked = 1 WHERE tenant = ?1 AND license_id = ?2 AND revoked = 0";
constexpr const char* k_link =
    "SELECT d.revoked, l.status, d.expires_at, d.used, d.max_downloads, d.artefact, d.license_id "
    "FROM download_links d LEFT JOIN licenses l ON l.tenant = d.tenant AND l.license_id = "
    "d.license_id "
    "WHERE d.token_hash = ?1";
constexpr const char* k_count = "UPDATE download_links SET used = used + 1 WHERE token_hash = ?1";

License read_license(const Statement& row) {
  License license;
  license.tenant = row.text_at(0);
  license.license_id = row.text_at(1);
  license.order_id = row.text_at(2);
  license.order_item_id = row.text_at(3);
  license.customer_id = row.text_at(4);
  license.product_id = row.text_at(5);
  license.key = row.text_at(6);
  license.status = static_cast<LicenseStatus>(row.number_at(7));
  license.artefact = row.text_at(8);
  license.document = row.text_at(9);
  license.issued_at = row.time_at(10);
  license.expires_at = row.optional_time_at(11);
  return license;
}

Result<std::optional<License>> find(Connection& connection,
                                    const char* sql,
                                    const std::string& a,
                                    const std::string& b) {
  Statement statement = connection.use(sql);
  const auto row = statement.text(1, a).text(2, b).step();
  if (!row) return Failure(row.error());
  return *row ? std::optional(read_license(statement)) : std::nullopt;
}

Result<void> insert(Connection& connection, const License& license) {
  Statement statement = connection.use(k_insert);
  statement.text(1, license.tenant)
      .text(2, license.license_id)
      .text(3, license.order_id)
      .text(4, license.order_item_id)
      .text(5, license.customer_id)
      .text(6, license.product_id)
      .text(7, license.key)
      .number(8, static_cast<std::int64_t>(license.status))
      .text(9, license.artefact)
      .text(10, license.document)
      .time(11, license.issued_at)
      .time(12, license.expires_at);
  const auto done = statement.run();
  if (!done) return Failure(done.error());
  return {};
}

Result<int> revoke(Connection& connection,
                   const std::string& tenant,
                   const std::string& license_id) {
  return connection.use(k_revoke_links).text(1, tenant).text(2, license_id).run();
}

Result<DownloadGrant> take(Connection& connection,
                           const std::string& token_hash,
                           Timestamp now,
                           Part part) {
  DownloadGrant grant;
  {
    Statement link = connection.use(k_link);
    const auto row = link.text(1, token_hash).step();
    if (!row) return Failure(row.error());
    if (!*row) return grant;
    const fulfillment::LinkState state{link.number_at(0) != 0,
                                       static_cast<LicenseStatus>(link.number_at(1)),
                                       link.time_at(2),
                                       link.number_at<int>(3),
                                       link.number_at<int>(4)};
    grant.verdict = fulfillment::judge(state, now, part);
    if (grant.verdict != Verdict::granted) return grant;
    grant.artefact = link.text_at(5);
    grant.license_id = link.text_at(6);
    grant.remaining = state.max_downloads - state.used - (part == Part::first ? 1 : 0);
  }
  if (part != Part::first) return grant;
  const auto counted = connection.use(k_count).text(1, token_hash).run();
  if (!counted) return Failure(counted.error());
  return grant;
}

// What `work` returns, out of a store that takes work without a result.
template <class T, class Work>
Result<T> through(SqliteStore& store,
                  Result<void> (SqliteStore::*way)(const std::function<Result<void>(Connection&)>&),
                  Work work) {
  std::optional<T> out;
  const auto done = (store.*way)([&](Connection& connection) -> Result<void> {
    Result<T> result = work(connection);
    if (!result) return Failure(result.error());
    out = *std::move(result);
    return {};
  });
  if (!done) return Failure(done.error());
  return *std::move(out);
}

}  // namespace

Result<License> SqliteLicenseStore::put_issue(const License& license) {
  return through<License>(
      store_, &SqliteStore::write, [&](Connection& connection) -> Result<License> {
        if (auto inserted = insert(connection, license); !inserted)
          return Failure(inserted.error());
        auto kept = find(connection, k_by_item, license.tenant, license.order_item_id);
        if (!kept) return Failure(kept.error());
        return **std::move(kept);
      });
}

Result<std::optional<License>> SqliteLicenseStore::get(std::string_view tenant,
                                                       std::string_view license_id) {
  return through<std::optional<License>>(store_, &SqliteStore::read, [&](Connection& connection) {
    return find(connection, k_by_id, std::string(tenant), std::string(license_id));
  });
}

Result<std::optional<License>> SqliteLicenseStore::get_by_item(std::string_view tenant,
                                                               std::string_view order_item_id) {
  return through<std::optional<License>>(store_, &SqliteStore::read, [&](Connection& connection) {
    return find(connection, k_by_item, std::string(tenant), std::string(order_item_id));
  });
}

Result<std::vector<License>> SqliteLicenseStore::of_customer(std::string_view tenant,
                                                             std::string_view customer_id) {
  const std::string tenant_name(tenant);
  const std::string customer(customer_id);
  using Licenses = std::vector<License>;
  return through<Licenses>(
      store_, &SqliteStore::read, [&](Connection& connection) -> Result<Licenses> {
        Statement statement = connection.use(k_by_customer);
        statement.text(1, tenant_name).text(2, customer);
        Licenses found;
        for (;;) {
          const auto row = statement.step();
          if (!row) return Failure(row.error());
          if (!*row) return found;
          found.push_back(read_license(statement));
        }
      });
}

Result<License> SqliteLicenseStore::set_status(std::string_view tenant,
                                               std::string_view license_id,
                                               LicenseStatus status) {
  const std::string tenant_name(tenant);
  const std::string id(license_id);
  return through<License>(
      store_, &SqliteStore::write, [&](Connection& connection) -> Result<License> {
        auto license = find(connection, k_by_id, tenant_name, id);
        if (!license) return Failure(license.error());
        if (!license->has_value())
          return fail(ErrorClass::not_found, "license_not_found", "there is no such licence");
        if ((*license)->status == LicenseStatus::revoked && status != LicenseStatus::revoked) {
          return fail(ErrorClass::refused,
                      "license_revoked",
                      "a revoked licence stays revoked: issue a new one");
        }
        const auto changed = connection.use(k_set_status)
                                 .text(1, tenant_name)
                                 .text(2, id)
                                 .number(3, static_cast<std::int64_t>(status))
                                 .run();
        if (!changed) return Failure(changed.error());
        if (status == LicenseStatus::revoked) {
          if (auto revoked = revoke(connection, tenant_name, id); !revoked)
            return Failure(revoked.error());
        }
        (*license)->status = status;
        return **std::move(license);
      });
}

Result<bool> SqliteLicenseStore::create_link(const DownloadLink& link) {
  return through<bool>(store_, &SqliteStore::write, [&](Connection& connection) -> Result<bool> {
    const auto forgotten = connection.use(k_forget_links)
                               .text(1, link.tenant)
                               .text(2, link.license_id)
                               .time(3, link.created_at - k_keep_links)
                               .run();
    if (!forgotten) return Failure(forgotten.error());
    const auto made = connection.use(k_insert_link)
                          .text(1, link.token_hash)
                          .text(2, link.tenant)
                          .text(3, link.license_id)
                          .text(4, link.artefact)
                          .time(5, link.created_at)
                          .time(6, link.expires_at)
                          .number(7, link.max_downloads)
                          .run();
    if (!made) return Failure(made.error());
    return *made == 1;
  });
}

Result<bool> SqliteLicenseStore::revoke_links(std::string_view tenant,
                                              std::string_view license_id) {
  const std::string tenant_name(tenant);
  const std::string id(license_id);
  return through<bool>(store_, &SqliteStore::write, [&](Connection& connection) -> Result<bool> {
    const auto revoked = revoke(connection, tenant_name, id);
    if (!revoked) return Failure(revoked.error());
    return *revoked > 0;
  });
}

Result<DownloadGrant> SqliteLicenseStore::take_download(std::string_view token_hash,
                                                        Timestamp now,
                                                        Part part) {
  const std::string hash(token_hash);
  const auto way = part == Part::first ? &SqliteStore::write : &SqliteStore::read;
  return through<DownloadGrant>(
      store_, way, [&](Connection& connection) { return take(connection, hash, now, part); });
}

}  // namespace vozex::sqlite
