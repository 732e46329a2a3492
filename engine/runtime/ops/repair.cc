// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/repair.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/sha256.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using ports::AuditEntry;
using ports::AuditId;
using types::Value;

struct Outcome {
  RepairOutcome outcome = RepairOutcome::done;
  std::string note;
};

template <class T>
bool selects(const std::vector<T>& wanted, const T& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

// A key must be given back before somebody else can take it.
bool goes_before(const Finding& a, const Finding& b) {
  const auto rank = [](const Finding& finding) { return finding.code == "binding_orphan" ? 0 : 1; };
  return rank(a) < rank(b);
}

class Surgeon {
 public:
  Surgeon(ports::Repairs& repairs,
          const RepairRequest& request,
          ports::Clock& clock,
          ports::Random& random)
      : repairs_(repairs), request_(request), clock_(clock), random_(random) {}

  Result<Outcome> treat(const Finding& finding) {
    const Treatment* treatment = finding.treatment.get();
    if (const auto known = treated_.find(treatment); known != treated_.end()) return known->second;
    if (request_.dry_run) return Outcome{RepairOutcome::would_do, ""};
    AuditEntry entry = entry_of(finding);
    if (auto kept = keep(finding, entry); !kept)
      return Outcome{RepairOutcome::refused, kept.error().message};
    if (auto begun = repairs_.audit().begin(entry); !begun) return Failure(begun.error());
    const Outcome outcome =
        std::visit([this](const auto& act) { return carry_out(act); }, treatment->act);
    treated_.emplace(treatment, outcome);
    if (outcome.outcome == RepairOutcome::unknown) return outcome;
    const bool done = outcome.outcome == RepairOutcome::done;
    const ports::AuditOutcome ended{static_cast<std::uint16_t>(done ? 200 : 409),
                                    done ? "" : to_string(outcome.outcome),
                                    clock_.now()};
    auto finished = repairs_.audit().finish(entry.id, ended, entry.target, entry.detail);
    if (!finished) return Failure(finished.error());
    return outcome;
  }

 private:
  AuditEntry entry_of(const Finding& finding) {
    const Treatment& treatment = *finding.treatment;
    AuditEntry entry;
    entry.at = clock_.now();
    entry.id = AuditId{random_.new_instance_id(entry.at).bytes};
    entry.tenant = treatment.tenant;
    entry.caller = "vozex doctor";
    entry.actor = request_.actor;
    entry.action = "doctor." + finding.code;
    entry.target = treatment.target;
    entry.reason = request_.reason;
    entry.detail = types::to_json(detail_of(treatment));
    return entry;
  }
  static Value detail_of(const Treatment& treatment) {
    return Value::object({{"before", treatment.before}, {"repair", Value::string(treatment.does)}});
  }
  // What would be nowhere else is kept first; the entry says where, and by its digest which line.
  Result<void> keep(const Finding& finding, AuditEntry& entry) {
    const Treatment& treatment = *finding.treatment;
    if (treatment.taken.is_null()) return {};
    if (!request_.keep)
      return fail(ErrorClass::invalid, "keep_missing", "nothing says where to keep what goes");
    const std::string line =
        types::to_json(Value::object({{"at", Value::string(format_timestamp(entry.at))},
                                      {"audit", Value::string(entry.id.text())},
                                      {"code", Value::string(finding.code)},
                                      {"taken", treatment.taken},
                                      {"target", Value::string(entry.target)},
                                      {"tenant", Value::string(entry.tenant)}}));
    if (auto kept = request_.keep(line); !kept) return kept;
    const Value where = Value::object({{"bytes", Value::integer(std::ssize(line))},
                                       {"in", Value::string(request_.kept_in)},
                                       {"sha256", Value::string(sha256_hex(line))}});
    entry.detail = types::to_json(detail_of(treatment).with("kept", where));
    return {};
  }

  // An instance that was treated before has the etag of that.
  Outcome carry_out(ports::Group group) {
    ports::CommitRequest commit;
    while (commit.etag == 0) commit.etag = random_.next();
    commit.now = clock_.now();
    for (ports::InstanceWrite& write : group.instances) {
      if (const auto fresh = etags_.find(write.row.id); fresh != etags_.end())
        write.old = fresh->second;
    }
    commit.groups.push_back(std::move(group));
    const auto verdict = repairs_.commit(commit);
    if (!verdict) return failed(verdict.error());
    if (*verdict == ports::Verdict::key_taken)
      return {RepairOutcome::refused, "somebody else holds the key"};
    if (*verdict != ports::Verdict::committed) return {RepairOutcome::passed, ""};
    for (const ports::InstanceWrite& write : commit.groups.front().instances)
      etags_[write.row.id] = commit.etag;
    return {};
  }
  Outcome carry_out(const DropTasks& act) {
    const auto dropped = repairs_.drop_tasks(act.instance);
    if (!dropped) return failed(dropped.error());
    return {*dropped > 0 ? RepairOutcome::done : RepairOutcome::passed, ""};
  }
  Outcome carry_out(const DropRow& act) {
    const auto dropped = repairs_.drop_row(act.instance, act.from, act.etag);
    if (!dropped) return failed(dropped.error());
    return {*dropped ? RepairOutcome::done : RepairOutcome::passed, ""};
  }
  Outcome carry_out(const Recount& act) {
    const auto changed = repairs_.recount(act.key);
    if (!changed) return failed(changed.error());
    return {*changed ? RepairOutcome::done : RepairOutcome::passed, ""};
  }
  static Outcome failed(const Error& error) {
    const bool unknown = error.kind == ErrorClass::outcome_unknown;
    return {unknown ? RepairOutcome::unknown : RepairOutcome::refused, error.message};
  }

  ports::Repairs& repairs_;
  const RepairRequest& request_;
  ports::Clock& clock_;
  ports::Random& random_;
  std::map<const Treatment*, Outcome> treated_;
  std::map<InstanceId, Etag> etags_;
};

}  // namespace

const char* to_string(RepairOutcome outcome) {
  switch (outcome) {
    case RepairOutcome::done: return "done";
    case RepairOutcome::would_do: return "would_do";
    case RepairOutcome::passed: return "passed";
    case RepairOutcome::refused: return "refused";
    case RepairOutcome::unknown: return "unknown";
  }
  return "";
}

Result<std::vector<Repaired>> repair(ports::Repairs& repairs,
                                     const std::vector<Finding>& findings,
                                     const RepairRequest& request,
                                     ports::Clock& clock,
                                     ports::Random& random) {
  std::vector<Finding> chosen;
  for (const Finding& finding : findings) {
    if (finding.treatment != nullptr && selects(request.codes, finding.code) &&
        selects(request.instances, finding.instance)) {
      chosen.push_back(finding);
    }
  }
  std::stable_sort(chosen.begin(), chosen.end(), goes_before);
  Surgeon surgeon(repairs, request, clock, random);
  std::vector<Repaired> repaired;
  for (Finding& finding : chosen) {
    auto outcome = surgeon.treat(finding);
    if (!outcome) return Failure(outcome.error());
    repaired.push_back({std::move(finding), outcome->outcome, std::move(outcome->note)});
  }
  return repaired;
}

}  // namespace vozex::runtime
