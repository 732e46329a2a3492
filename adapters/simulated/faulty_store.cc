// SPDX-License-Identifier: Apache-2.0
#include "adapters/simulated/faulty_store.h"

#include <utility>

namespace vozex::simulated {
namespace {

using ports::CallRow;

Failure away() {
  return fail(ErrorClass::unavailable, "store_unavailable", "injected: the store is away");
}

}  // namespace

Fault FaultyStore::ask(Operation operation) {
  const std::lock_guard lock(mutex_);
  return plan_ ? plan_(operation) : Fault::none;
}

template <class Call>
auto FaultyStore::guarded(Operation operation, Call&& call) -> decltype(call()) {
  const Fault fault = ask(operation);
  if (fault == Fault::none) return call();
  const bool changes = operation == Operation::commit || operation == Operation::settle;
  if (fault == Fault::unavailable || !changes) return away();
  if (fault == Fault::lost_after) {
    // What really went wrong must not be hidden behind the injected fault.
    if (auto reply = call(); !reply) return reply;
  }
  return fail(ErrorClass::outcome_unknown, "commit_unknown", "injected: the answer was lost");
}

class FaultyStore::Lane final : public ports::LaneStore {
 public:
  Lane(FaultyStore& store, std::unique_ptr<ports::LaneStore> inner)
      : store_(store), inner_(std::move(inner)) {}

  Result<ports::LoadReply> load(const ports::LoadRequest& request) override {
    return store_.guarded(Operation::load, [&] { return inner_->load(request); });
  }
  Result<ports::CommitReply> commit(const ports::CommitRequest& request) override {
    return store_.guarded(Operation::commit, [&] { return inner_->commit(request); });
  }
  Result<ports::CommitReply> settle(const ports::CommitRequest& request) override {
    return store_.guarded(Operation::settle, [&] { return inner_->settle(request); });
  }

 private:
  FaultyStore& store_;
  std::unique_ptr<ports::LaneStore> inner_;
};

class FaultyStore::Definitions final : public ports::DefinitionStore {
 public:
  explicit Definitions(FaultyStore& store) : store_(store) {}
  Result<void> put(const std::vector<ports::DefinitionRow>& rows) override {
    return store_.guarded(Operation::other, [&] { return inner().put(rows); });
  }
  Result<std::vector<ports::DefinitionRow>> all() override {
    return store_.guarded(Operation::other, [&] { return inner().all(); });
  }

 private:
  ports::DefinitionStore& inner() { return store_.inner_.definitions(); }
  FaultyStore& store_;
};

class FaultyStore::Sessions final : public ports::SessionStore {
 public:
  explicit Sessions(FaultyStore& store) : store_(store) {}
  Result<void> join(const SessionId& session, const std::string& name) override {
    return store_.guarded(Operation::other, [&] { return inner().join(session, name); });
  }
  Result<ports::Beat> beat(const SessionId& session, Duration lease) override {
    return store_.guarded(Operation::other, [&] { return inner().beat(session, lease); });
  }
  Result<void> leave(const SessionId& session) override {
    return store_.guarded(Operation::other, [&] { return inner().leave(session); });
  }
  Result<Inheritance> inherit(const SessionId& heir, Duration lease, std::size_t limit) override {
    return store_.guarded(Operation::other, [&] { return inner().inherit(heir, lease, limit); });
  }

 private:
  ports::SessionStore& inner() { return store_.inner_.sessions(); }
  FaultyStore& store_;
};

class FaultyStore::Work final : public ports::WorkStore {
 public:
  explicit Work(FaultyStore& store) : store_(store) {}
  Result<std::vector<ports::DueTimer>> timers_before(Timestamp horizon,
                                                     const ports::ShardSet& shards,
                                                     std::size_t limit) override {
    return store_.guarded(Operation::other,
                          [&] { return inner().timers_before(horizon, shards, limit); });
  }
  Result<std::vector<CallRow>> claim_calls(const SessionId& session,
                                           const std::string& adapter,
                                           Timestamp now,
                                           std::size_t limit) override {
    return store_.guarded(Operation::other,
                          [&] { return inner().claim_calls(session, adapter, now, limit); });
  }
  Result<std::vector<ports::WaitingCalls>> waiting_calls() override {
    return store_.guarded(Operation::other, [&] { return inner().waiting_calls(); });
  }
  Result<std::vector<ports::BindingKey>> unclaimed(ports::Holding holding,
                                                   std::size_t limit) override {
    return store_.guarded(Operation::other, [&] { return inner().unclaimed(holding, limit); });
  }
  Result<std::vector<ports::TenantCount>> parked_by_tenant() override {
    return store_.guarded(Operation::other, [&] { return inner().parked_by_tenant(); });
  }
  Result<std::size_t> expire_parked(Timestamp now, std::size_t limit) override {
    return store_.guarded(Operation::other, [&] { return inner().expire_parked(now, limit); });
  }

 private:
  ports::WorkStore& inner() { return store_.inner_.work(); }
  FaultyStore& store_;
};

class FaultyStore::Queries final : public ports::QueryStore {
 public:
  explicit Queries(FaultyStore& store) : store_(store) {}
  Result<std::optional<ports::InstanceRow>> instance(const InstanceId& id) override {
    return store_.guarded(Operation::other, [&] { return inner().instance(id); });
  }
  Result<std::vector<ports::InstanceRow>> instances(const ports::InstanceFilter& filter,
                                                    std::size_t limit) override {
    return store_.guarded(Operation::other, [&] { return inner().instances(filter, limit); });
  }
  Result<std::vector<ports::HistoryRow>> history(const InstanceId& id,
                                                 std::uint32_t after_seq,
                                                 std::size_t limit) override {
    return store_.guarded(Operation::other, [&] { return inner().history(id, after_seq, limit); });
  }
  Result<std::vector<CallRow>> calls(const ports::CallFilter& filter, std::size_t limit) override {
    return store_.guarded(Operation::other, [&] { return inner().calls(filter, limit); });
  }
  Result<std::vector<ports::StateCount>> counts(const std::string& tenant) override {
    return store_.guarded(Operation::other, [&] { return inner().counts(tenant); });
  }
  Result<std::uint64_t> parked_count() override {
    return store_.guarded(Operation::other, [&] { return inner().parked_count(); });
  }
  Result<void> ping() override {
    return store_.guarded(Operation::other, [&] { return inner().ping(); });
  }

 private:
  ports::QueryStore& inner() { return store_.inner_.queries(); }
  FaultyStore& store_;
};

class FaultyStore::Inbox final : public ports::InboxStore {
 public:
  explicit Inbox(FaultyStore& store) : store_(store) {}
  Result<std::vector<ports::TaskRow>> tasks(const ports::TaskFilter& filter,
                                            std::size_t limit) override {
    return store_.guarded(Operation::other, [&] { return inner().tasks(filter, limit); });
  }
  Result<std::vector<ports::TaskCount>> task_counts(const std::string& tenant,
                                                    Timestamp now) override {
    return store_.guarded(Operation::other, [&] { return inner().task_counts(tenant, now); });
  }

 private:
  ports::InboxStore& inner() { return store_.inner_.inbox(); }
  FaultyStore& store_;
};

FaultyStore::FaultyStore(ports::Store& inner, FaultPlan plan)
    : inner_(inner),
      plan_(std::move(plan)),
      definitions_(std::make_unique<Definitions>(*this)),
      sessions_(std::make_unique<Sessions>(*this)),
      work_(std::make_unique<Work>(*this)),
      queries_(std::make_unique<Queries>(*this)),
      inbox_(std::make_unique<Inbox>(*this)) {}

FaultyStore::~FaultyStore() = default;

Result<std::unique_ptr<ports::LaneStore>> FaultyStore::open_lane() {
  if (ask(Operation::open_lane) != Fault::none) return away();
  auto inner = inner_.open_lane();
  if (!inner) return Failure(inner.error());
  return std::make_unique<Lane>(*this, std::move(*inner));
}

ports::DefinitionStore& FaultyStore::definitions() { return *definitions_; }
ports::SessionStore& FaultyStore::sessions() { return *sessions_; }
ports::WorkStore& FaultyStore::work() { return *work_; }
ports::QueryStore& FaultyStore::queries() { return *queries_; }
ports::InboxStore& FaultyStore::inbox() { return *inbox_; }

void FaultyStore::set_plan(FaultPlan plan) {
  const std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
}

}  // namespace vozex::simulated
