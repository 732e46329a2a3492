// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/repair.h"

#include <string_view>
#include <utility>

#include "adapters/sqlite/audit_log.h"
#include "adapters/sqlite/commit.h"
#include "adapters/sqlite/connection.h"

namespace vozex::sqlite {
namespace {

class RepairsImpl final : public ports::Repairs, private Tables {
 public:
  explicit RepairsImpl(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), audit_(*this) {}

  Result<ports::Verdict> commit(const ports::CommitRequest& request) override {
    const auto reply = connection_->transaction([&] { return commit_into(*connection_, request); });
    if (!reply) return Failure(reply.error());
    return reply->verdicts.front().verdict;
  }

  Result<std::size_t> drop_tasks(const ports::InstanceKey& instance) override {
    return connection_->transaction([&]() -> Result<std::size_t> {
      auto dropped = connection_
                         ->use(
                             "DELETE FROM tasks WHERE instance = ?1 AND NOT EXISTS (SELECT 1 "
                             "FROM instances WHERE id = ?1)")
                         .id(1, instance.id)
                         .run();
      if (!dropped) return Failure(dropped.error());
      return static_cast<std::size_t>(*dropped);
    });
  }

  Result<bool> drop_row(const ports::InstanceKey& instance, ports::Table from, Etag etag) override {
    const bool is_live = from == ports::Table::instances;
    const char* sql = is_live ? "DELETE FROM instances WHERE id = ?1 AND etag = ?2 AND EXISTS "
                                "(SELECT 1 FROM finished WHERE id = ?1)"
                              : "DELETE FROM finished WHERE id = ?1 AND etag = ?2 AND EXISTS "
                                "(SELECT 1 FROM instances WHERE id = ?1)";
    return connection_->transaction([&]() -> Result<bool> {
      const auto dropped = connection_->use(sql).id(1, instance.id).etag(2, etag).run();
      if (!dropped) return Failure(dropped.error());
      if (*dropped == 0 || !is_live) return *dropped > 0;
      auto tasks =
          connection_->use("DELETE FROM tasks WHERE instance = ?1").id(1, instance.id).run();
      if (!tasks) return Failure(tasks.error());
      return true;
    });
  }

  // Nothing is counted here.
  Result<bool> recount(const ports::BindingKey&) override { return false; }

  ports::AuditLog& audit() override { return audit_; }

 private:
  Result<void> write(const std::function<Result<void>(Connection&)>& work) override {
    return connection_->transaction([&] { return work(*connection_); });
  }
  Result<void> read(const std::function<Result<void>(Connection&)>& work) override {
    return work(*connection_);
  }

  std::unique_ptr<Connection> connection_;
  SqliteAuditLog audit_;
};

}  // namespace

Result<std::unique_ptr<ports::Repairs>> open_repairs(const std::string& url) {
  constexpr std::string_view k_scheme = "sqlite://";
  // A file that isn't there is not made: reading it comes first.
  if (auto there = Connection::open(url.substr(k_scheme.size()), Access::read_only); !there)
    return Failure(there.error());
  auto connection = Connection::open(url.substr(k_scheme.size()), Access::read_write);
  if (!connection) return Failure(connection.error());
  return std::make_unique<RepairsImpl>(std::move(*connection));
}

}  // namespace vozex::sqlite
